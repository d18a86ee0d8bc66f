# Estimators of tau2, users' weights, unweighted fits and given tau2: every method, test and design,
# and what rests on such fits.
# Usage, in the repository (metafor 3.8-1, 6 CPU minutes):
#   Rscript validation/weights.R | gzip -9n > tests/fixtures/reference/weights.json.gz
suppressMessages(library(jsonlite))
source("validation/farebrother.R")
suppressMessages(library(metafor))

num <- function(x) unname(as.numeric(x))
search <- list(tol = 1e-13, maxiter = 10000, tau2.max = 1000)
tight <- list(threshold = 1e-14, tol = 1e-15, maxiter = 100000, tau2.max = 1000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg <- data.frame(yi = num(bcg$yi), vi = num(bcg$vi), x1 = bcg$ablat, x2 = bcg$year - 1960, w = c(5, 2, 1, 7, 3, 1, 9, 4, 2, 6, 1, 3, 8))
raudenbush <- with(dat.raudenbush1985, data.frame(yi, vi, x1 = weeks, x2 = as.numeric(setting == "group"), x3 = as.numeric(setting == "indiv"), w = n1i + n2i))
hackshaw <- with(dat.hackshaw1998, data.frame(yi, vi, x1 = (year - 1985) / 10, w = 1 / (vi + 0.02)))
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
normand <- data.frame(yi = num(normand$yi), vi = num(normand$vi), w = sqrt(1 / num(normand$vi)))
few <- bcg[c(1, 3, 4, 7, 9, 12), ]
three <- bcg[c(1, 3, 4), ]
alike <- data.frame(yi = c(0.1, 0.2, 0.15, 0.12), vi = c(0.1, 0.2, 0.3, 0.1), w = c(1, 2, 3, 4))
gaps <- bcg; gaps$w[c(2, 9)] <- 0
sets <- list(bcg = bcg, raudenbush = raudenbush, hackshaw = hackshaw, normand = normand, few = few, three = three, alike = alike, gaps = gaps)
designs <- list(bcg = list(~ 1, ~ x1, ~ x1 + x2), raudenbush = list(~ 1, ~ x1, ~ x1 + x2 + x3 - 1), hackshaw = list(~ 1, ~ x1), few = list(~ 1, ~ x1), gaps = list(~ 1, ~ x1))
methods <- c("EE", "DL", "HE", "HS", "HSk", "SJ", "SJIT", "ML", "REML", "EB", "PM", "PMM", "GENQ", "GENQM")
tests <- c("z", "t", "knha", "adhoc")
out <- list(metafor = as.character(packageVersion("metafor")), fits = list(), cases = list())

core <- function(x) list(k = x$k, p = x$p, beta = num(x$beta), se = num(x$se), stat = num(x$zval), pval = num(x$pval),
  ci_lb = num(x$ci.lb), ci_ub = num(x$ci.ub), ddf = if (is.null(x$ddf) || is.na(x$ddf)) NULL else num(x$ddf),
  tau2 = x$tau2, se_tau2 = num(x$se.tau2), I2 = x$I2, H2 = x$H2, R2 = if (is.null(x$R2)) NA else x$R2, s2w = x$s2w,
  QE = x$QE, QEp = x$QEp, QM = x$QM, QMp = x$QMp, QMdf = num(x$QMdf), vb = num(x$vb),
  weights = num(weights(x)), fit_stats = list(ML = num(x$fit.stats$ML), REML = num(x$fit.stats$REML)))
fit <- function(name, m, method, test, kind, tau2 = NULL) {
  a <- list(yi = quote(yi), vi = quote(vi), mods = m, data = sets[[name]], method = method, test = test, control = tight)
  if (kind == "user") a$weights <- quote(w)
  if (kind == "unweighted") a$weighted <- FALSE
  a$tau2 <- tau2
  suppressWarnings(do.call(rma, a))
}
# what metafor refuses stands as its error
tried <- function(f) tryCatch(f, error = function(e) list(error = conditionMessage(e)))
add <- function(...) out$cases[[length(out$cases) + 1]] <<- list(...)

for (name in names(sets)) for (m in if (is.null(designs[[name]])) list(~ 1) else designs[[name]]) {
  mods <- gsub(" ", "", deparse(m))
  keep <- function(...) out$fits[[length(out$fits) + 1]] <<- list(set = name, mods = mods, ...)
  for (kind in if (name == "gaps") "user" else c("model", "user", "unweighted")) for (method in methods) {
    if (grepl("GENQ", method) && (kind != "user" || name == "gaps")) next
    for (test in if (name == "bcg") tests else c("z", "knha"))
      keep(kind = kind, method = method, test = test, result = tried(core(fit(name, m, method, test, kind))))
  }
  for (kind in c("model", "user")) for (method in c("REML", "ML", "DL")) for (tau2 in c(0, 0.05, 2)) for (test in if (name == "bcg") tests else c("z", "knha"))
    keep(kind = kind, method = method, test = test, tau2 = tau2, result = tried(core(fit(name, m, method, test, kind, tau2))))
}

limits <- function(x) lapply(unclass(predict(x))[c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub")], num)
columns <- function(x, names) lapply(unclass(x)[names], num)
one <- c("estimate", "se", "zval", "pval", "ci.lb", "ci.ub", "Q", "Qp", "tau2", "I2", "H2")
kinds <- list(list(kind = "user", method = "REML"), list(kind = "user", method = "DL"), list(kind = "user", method = "EE"),
  list(kind = "user", method = "GENQ"), list(kind = "user", method = "GENQM"), list(kind = "unweighted", method = "REML"),
  list(kind = "model", method = "HSk"), list(kind = "model", method = "PMM"), list(kind = "model", method = "SJIT"),
  list(kind = "model", method = "REML", tau2 = 0.3), list(kind = "user", method = "ML", tau2 = 0.1))
pdf(NULL)
for (name in c("bcg", "few", "raudenbush")) for (test in c("z", "knha")) for (g in kinds) {
  f <- function(m) fit(name, m, g$method, test, g$kind, g$tau2)
  note <- function(fn, mods, result) do.call(add, c(list(fn = fn, set = name, mods = mods, test = test), g, list(result = tried(result))))
  x <- f(~ 1)
  for (m in list(~ 1, ~ x1)) { z <- f(m); mods <- gsub(" ", "", deparse(m))
    note("predict", mods, limits(z))
    note("influence", mods, { i <- influence(z)
      c(columns(i$inf, c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight")), list(dfbs = lapply(unclass(i$dfbs)[seq_len(z$p)], num), is_infl = i$is.infl)) })
    note("residuals", mods, list(rstandard = num(rstandard(z)$z), rstandard_se = num(rstandard(z)$se), rstudent = num(rstudent(z)$z)))
    note("baujat", mods, { b <- baujat(z); list(x = num(b$x), y = num(b$y)) })
    if (!g$method %in% "EE" && is.null(g$tau2)) note("confint", mods, { r <- confint(z, control = search)$random; list(lb = num(r[, "ci.lb"]), ub = num(r[, "ci.ub"])) })
    if (name == "few" && test == "z") note("permutest", mods, { p <- permutest(z, exact = TRUE, progbar = FALSE); list(n = p$X.iter, pval = num(p$pval), QMp = num(p$QMp)) })
    note("regtest", mods, { r <- regtest(z); list(stat = num(r$zval), pval = num(r$pval), limit = num(r$est)) })
  }
  note("leave1out", "~1", columns(leave1out(x), one))
  note("cumul", "~1", columns(cumul(x), one))
  for (est in c("L0", "R0")) note("trimfill", est, { t <- trimfill(x, estimator = est); list(k0 = t$k0, side = t$side, beta = num(t$beta), se = num(t$se), tau2 = t$tau2) })
  if (name == "few") note("gosh", "~1", { s <- gosh(x, progbar = FALSE)$res; list(estimate = sort(num(s$estimate)), tau2 = sort(num(s$tau2)), I2 = sort(num(s$I2))) })
  if (g$method %in% c("ML", "REML") && is.null(g$tau2)) note("profile", "~1", { p <- profile(x, xlim = c(0, 1), steps = 6, plot = FALSE, progbar = FALSE); list(tau2 = num(p$tau2), ll = num(p$ll)) })
  if (g$method == "ML") note("anova", "~x1", { a <- anova(f(~ x1), x); list(LRT = a$LRT, pval = a$pval, R2 = a$R2) })
  note("wald", "~x1", { a <- anova(f(~ x1), btt = 2); list(QM = a$QM, QMp = a$QMp) })
}
for (kind in c("user", "unweighted")) for (test in "z") { g <- list(kind = kind, method = "ML")
  add(fn = "anova", set = "bcg", mods = "~x1", test = test, kind = kind, method = "ML", result = { a <- anova(fit("bcg", ~ x1, "ML", "z", kind), fit("bcg", ~ 1, "ML", "z", kind)); list(LRT = a$LRT, pval = a$pval, R2 = a$R2) }) }
a <- anova(fit("bcg", ~ 1, "REML", "z", "model"), fit("bcg", ~ 1, "REML", "z", "model", 0.2))
add(fn = "anova_given", set = "bcg", result = list(LRT = a$LRT, pval = a$pval))
lone <- rma(bcg$yi[1], bcg$vi[1], tau2 = 0.2)
out$lone <- core(lone)
out$data <- lapply(sets, function(d) lapply(as.list(d), num))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "\n")
