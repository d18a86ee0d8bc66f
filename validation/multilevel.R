# Reference values of multilevel and multivariate models: simulated sets with nested, crossed and
# structured effects, correlated sampling errors, fixed components, standard errors of the components
# (numerical Hessian) and profile likelihood intervals.
# Usage: Rscript validation/multilevel.R > validation/multilevel.json   (metafor 3.8-1)
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
num <- function(x) I(unname(as.numeric(x)))
set.seed(20240)
size <- sample(2:6, 30, TRUE)
d <- data.frame(study = rep(seq_along(size), size)); k <- nrow(d)
d$id <- seq_len(k); d$group <- (d$study - 1) %/% 5 + 1; d$lab <- sample(1:8, k, TRUE)
d$outcome <- c("a", "b", "c")[ave(d$id, d$study, FUN = function(i) (seq_along(i) - 1) %% 3) + 1]
d$time <- round(ave(runif(k, 0.2, 2), d$study, FUN = cumsum), 2)
d$place <- ave(d$id, d$study, FUN = seq_along)
d$x <- round(rnorm(k), 3); d$z <- round(rep(rnorm(30), size), 3)
d$vi <- round(exp(rnorm(k, -3, 0.7)), 5)
d$yi <- round(0.3 + 0.2 * d$x + rep(rnorm(30, sd = 0.35), size) + rnorm(8, sd = 0.2)[d$lab] + rnorm(k, sd = 0.25) + rnorm(k, sd = sqrt(d$vi)), 4)
V <- vcalc(vi, cluster = study, obs = id, rho = 0.5, data = d)
apart <- d[!(d$outcome == "b" & d$study %% 2 == 0) & !(d$outcome == "c" & d$study %% 2 == 1), ]
against <- d; against$yi <- round(d$yi - ave(d$yi, d$study) * 0.98, 4); against <- against[against$place <= 2, ]
konst <- as.data.frame(dat.konstantopoulos2011)[c("district", "school", "study", "year", "yi", "vi")]
berkey <- as.data.frame(dat.berkey1998)[c("trial", "outcome", "year", "yi", "vi", "v1i", "v2i")]
Vb <- bldiag(lapply(split(berkey[c("v1i", "v2i")], berkey$trial), as.matrix))
arms <- to.long(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.colditz1994, vlong = FALSE)
arms <- escalc(measure = "PLO", xi = out1, mi = out2, data = arms)
arms <- data.frame(trial = arms$trial, group = ifelse(arms$group == 1, "EXP", "CON"), yi = num(arms$yi), vi = num(arms$vi))
d$kin <- paste0("s", sample(1:10, k, TRUE))
A <- crossprod(matrix(rnorm(120), 12)); A <- round(cov2cor(A[1:10, 1:10] + diag(10) * 4), 6); dimnames(A) <- list(paste0("s", 1:10), paste0("s", 1:10))
d$lat <- round(rep(runif(30, 0, 5), size), 3); d$lon <- round(rep(runif(30, 0, 5), size), 3); d$half <- ifelse(d$study <= 15, 1, 2)
sets <- list(d = d, apart = apart, against = against, konst = konst, berkey = berkey, arms = arms)
Vs <- list(d = V, berkey = Vb)
cases <- list(
  list(random = "~ 1 | study/id", confint = TRUE),
  list(random = "~ 1 | study/id", mods = "~ x + z", test = "t", dfs = "contain"),
  list(random = "~ 1 | study/id", mods = "~ x + z", method = "ML", test = "t"),
  list(random = "~ 1 | study/id", V = "blocks", confint = TRUE),
  list(random = "~ 1 | group/study/id", confint = TRUE),
  list(random = c("~ 1 | study", "~ 1 | lab"), confint = TRUE),
  list(random = c("~ 1 | study/id", "~ 1 | lab"), mods = "~ z", V = "blocks"),
  list(random = c("~ 1 | study/id", "~ 1 | lab"), method = "ML"),
  list(random = "~ outcome | study", struct = "CS", V = "blocks", confint = TRUE),
  list(random = "~ outcome | study", struct = "HCS", V = "blocks", mods = "~ outcome - 1"),
  list(random = "~ outcome | study", struct = "UN", V = "blocks", mods = "~ outcome - 1"),
  list(random = "~ outcome | study", struct = "UN", mods = "~ x", method = "ML"),
  list(random = "~ outcome | study", struct = "DIAG", V = "blocks"),
  list(random = "~ outcome | study", struct = "ID"),
  list(random = "~ place | study", struct = "AR", confint = TRUE),
  list(random = "~ place | study", struct = "HAR"),
  list(random = "~ time | study", struct = "CAR", mods = "~ time"),
  list(random = c("~ outcome | study", "~ 1 | lab"), struct = "HCS"),
  list(random = c("~ outcome | study", "~ place | lab"), struct = c("CS", "AR")),
  list(random = "~ 1 | study/id", sigma2 = c(NA, 0.1)),
  list(random = "~ outcome | study", struct = "CS", rho = 0.3),
  list(random = "~ outcome | study", struct = "HCS", tau2 = c(0.2, NA, 0.1)),
  list(set = "apart", random = "~ outcome | study", struct = "UN", mods = "~ outcome - 1"),
  list(set = "against", random = "~ place | study", struct = "CS"),
  list(set = "against", random = "~ 1 | study/id"),
  list(random = NULL, V = "blocks", mods = "~ x"),
  list(random = c("~ 1 | kin", "~ 1 | study"), R = "kin", confint = TRUE),
  list(random = c("~ 1 | kin", "~ 1 | study/id"), R = "kin", V = "blocks", mods = "~ x", method = "ML"),
  list(random = c("~ lat + lon | half", "~ 1 | id"), struct = "SPEXP", confint = TRUE),
  list(random = c("~ lat + lon | half", "~ 1 | id"), struct = "SPGAU"),
  list(random = c("~ lat + lon | half", "~ 1 | id"), struct = "SPRAT", method = "ML"),
  list(random = c("~ lat + lon | half", "~ 1 | id"), struct = "SPSPH"),
  list(random = "~ x | study", struct = "GEN", mods = "~ x"),
  list(random = "~ x + time | study", struct = "GEN", mods = "~ x + time"),
  list(random = "~ x | study", struct = "GDIAG", V = "blocks", mods = "~ x"),
  list(set = "konst", random = "~ 1 | district/school", confint = TRUE, cluster = TRUE),
  list(set = "konst", random = "~ 1 | district/school", method = "ML"),
  list(set = "konst", random = "~ school | district", struct = "CS"),
  list(set = "konst", random = "~ 1 | district/school", mods = "~ year", test = "t", dfs = "contain", cluster = TRUE),
  list(set = "berkey", V = "blocks", random = "~ outcome | trial", struct = "UN", mods = "~ outcome - 1"),
  list(set = "berkey", V = "blocks", random = "~ outcome | trial", struct = "UN", mods = "~ outcome - 1", method = "ML"),
  list(set = "arms", random = "~ group | trial", struct = "UN", mods = "~ group - 1", method = "ML"))
one <- function(s) {
  set <- if (is.null(s$set)) "d" else s$set; b <- sets[[set]]
  a <- list(yi = b$yi, V = if (is.null(s$V)) b$vi else Vs[[set]], data = b, method = if (is.null(s$method)) "REML" else s$method, control = list(rel.tol = 1e-11))
  if (!is.null(s$random)) { a$random <- lapply(s$random, as.formula); a$cvvc <- TRUE }
  for (n in c("struct", "test", "dfs", "sigma2", "tau2", "rho")) if (!is.null(s[[n]])) a[[n]] <- s[[n]]
  if (!is.null(s$R)) a$R <- list(kin = A)
  if (!is.null(s$mods)) a$mods <- as.formula(s$mods)
  x <- tryCatch(do.call(rma.mv, a), error = function(e) { a$control <<- NULL; a$control <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-14, maxit = 2000); do.call(rma.mv, a) })
  v <- if (is.null(x$vvc) || anyNA(x$vvc)) NULL else as.matrix(x$vvc)
  r <- list(beta = num(x$beta), se = num(x$se), pval = num(x$pval), ci_lb = num(x$ci.lb), ddf = num(x$ddf), sigma2 = num(x$sigma2), tau2 = num(x$tau2), rho = num(x$rho), gamma2 = num(x$gamma2), phi = num(x$phi), QE = x$QE, QM = x$QM, QMp = x$QMp, fit = lapply(as.list(x$fit.stats), num), rstandard = num(rstandard(x)$z), hat = num(hatvalues(x)))
  if (!is.null(v)) r$se_components <- as.list(round(sqrt(diag(v)), 8))
  if (isTRUE(s$confint)) { a$control <- list(); ci <- confint(do.call(rma.mv, a), control = list(tol = 1e-6)); if (!is.null(ci$random)) ci <- list(ci); r$confint <- lapply(Filter(function(z) is.list(z) && !is.null(z$random), ci), function(z) num(z$random[1, ])); names(r$confint) <- NULL }
  if (isTRUE(s$cluster)) { g <- b[[sub("/.*", "", sub("~ 1 \\| ", "", s$random))]]; r$cook <- num(cooks.distance(x, cluster = g)); r$dfbs <- lapply(as.list(dfbetas(x, cluster = g)), num); r$levels <- as.character(sort(unique(g))) }
  c(s, list(result = r)) }
quiet <- function(s) tryCatch(suppressWarnings(one(s)), error = function(e) c(s, list(error = conditionMessage(e))))
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), data = lapply(sets, as.list), kin = list(levels = rownames(A), R = unname(A)), cases = lapply(cases, quiet)), digits = 15, auto_unbox = TRUE, na = "null", null = "null"), "\n")
