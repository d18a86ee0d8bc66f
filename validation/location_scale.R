# Reference values for location-scale models with the identity link, and for their permutation
# tests: metafor 3.8. Run: Rscript validation/location_scale.R > validation/location_scale.json
suppressMessages({library(metafor); library(jsonlite)})
options(digits = 17)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
writing <- dat.bangertdrowns2004[c("yi", "vi", "ni", "meta")]
writing <- writing[complete.cases(writing), ]
set.seed(20)
k <- 24
made <- data.frame(x = round(runif(k), 3), vi = round(runif(k, 0.01, 0.1), 4))
made$yi <- round(rnorm(k, 0.3 + 0.2 * made$x, sqrt(made$vi + 0.02 + 0.5 * made$x)), 4)
sets <- list(bcg = bcg, writing = writing, made = made)

tight <- list(reltol = 1e-14, outer.eps = 1e-12)
fitted <- function(data, scale, mods = "~1", method = "REML") {
  d <- sets[[data]]
  res <- suppressWarnings(rma(yi, vi, mods = as.formula(mods),
                              scale = as.formula(scale), link = "identity", data = d,
                              method = method, control = tight))
  list(data = data, scale = substring(scale, 2), mods = if (mods == "~1") "" else substring(mods, 2),
       method = method, ll = c(logLik(res)), alpha = c(res$alpha), se_alpha = res$se.alpha,
       beta = c(res$beta), se = res$se, tau2 = res$tau2, QS = res$QS, QSp = res$QSp)
}
fits <- list(
  fitted("bcg", "~ablat"), fitted("bcg", "~ablat", method = "ML"), fitted("bcg", "~year"),
  fitted("bcg", "~ablat", "~ablat"), fitted("writing", "~ni"), fitted("writing", "~meta", "~meta"),
  fitted("made", "~x"), fitted("made", "~x", "~x"), fitted("made", "~x", "~x", "ML"))

# Permutations: metafor's own test where each of its fits ends at the maximum; else (some don't)
# the same test by hand, with the best of several starts of every fit.
permuted <- function(data, rows, scale, mods = "~1") {
  d <- sets[[data]][rows, ]
  res <- rma(yi, vi, mods = as.formula(mods), scale = as.formula(scale), data = d)
  p <- suppressWarnings(permutest(res, exact = TRUE, progbar = FALSE))
  list(data = data, rows = rows, scale = substring(scale, 2),
       mods = if (mods == "~1") "" else substring(mods, 2), pval = p$pval,
       pval_alpha = p$pval.alpha, QMp = p$QMp, QSp = p$QSp)
}
orders <- function(v) if (length(v) <= 1) list(v) else
  do.call(c, lapply(seq_along(v), function(i) lapply(orders(v[-i]), function(p) c(v[i], p))))
starts <- list(c(-3, 0), c(0, 0), c(-6, 0), c(-3, 2), c(-3, -2), c(0, 4), c(-6, -4))
best <- function(d, z, mods) {
  d$z <- as.numeric(scale(z))   # the tests of a slope and of all slopes don't depend on the origin
  fits <- lapply(starts, function(a) try(suppressWarnings(rma(yi, vi, mods = as.formula(mods),
                 scale = ~ z, data = d, control = list(alpha.init = a))), silent = TRUE))
  fits <- Filter(function(f) !inherits(f, "try-error"), fits)
  fits[[which.max(sapply(fits, logLik))]]$zval.alpha[2]
}
by_hand <- function(data, rows, scale, mods = "~1") {
  d <- sets[[data]][rows, ]
  z <- sapply(orders(seq_along(rows)), function(o) best(d, d[[scale]][o], mods))
  list(data = data, rows = rows, scale = scale, mods = if (mods == "~1") "" else substring(mods, 2),
       QSp = mean(abs(z) >= abs(z[1]) * (1 - 1e-6)))
}
tests <- list(permuted("bcg", 1:6, "~ablat"), permuted("made", c(3, 5, 8, 11, 17, 20), "~x"))
hand <- list(by_hand("made", 9:14, "x", "~x"), by_hand("bcg", 1:6, "ablat"))

columns <- lapply(sets, function(d)
  as.list(d[intersect(names(d), c("yi", "vi", "ablat", "year", "ni", "meta", "x"))]))
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), data = columns, fits = fits,
                permutations = tests, by_hand = hand), digits = NA, auto_unbox = TRUE, na = "null",
           pretty = TRUE))
