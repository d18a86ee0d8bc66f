# What metafor does with very few or degenerate estimates. Writes validation/small_k.json.
# Usage (from the repository's root): Rscript validation/small_k.R     metafor 3.8-1, jsonlite
suppressMessages({library(metafor); library(jsonlite)})
options(warn = -1)
sets <- list(
  one = list(yi = 0.4, vi = 0.09),
  two_apart = list(yi = c(-0.2, 1.1), vi = c(0.04, 0.09)),
  two_near = list(yi = c(0.30, 0.35), vi = c(0.04, 0.09)),
  two_unequal = list(yi = c(0.1, 0.9), vi = c(0.0025, 1.2)),
  three_same = list(yi = c(0.25, 0.25, 0.25), vi = c(0.04, 0.09, 0.01)),
  three = list(yi = c(0.1, 0.8, -0.4), vi = c(0.02, 0.03, 0.05)),
  one_of_three = list(yi = c(NA, 0.4, NA), vi = c(0.1, 0.09, NA)))
keep <- function(x) list(k = x$k, p = x$p, beta = c(x$beta), se = x$se, stat = x$zval, pval = x$pval,
  ci_lb = x$ci.lb, ci_ub = x$ci.ub, ddf = unname(x$ddf), tau2 = x$tau2, se_tau2 = x$se.tau2, I2 = x$I2,
  H2 = x$H2, R2 = x$R2, s2w = x$s2w, QE = x$QE, QEp = x$QEp, QM = x$QM, QMdf = x$QMdf, QMp = x$QMp)
guarded <- function(expr) tryCatch(expr, error = function(e) list(error = gsub("\033\\[[0-9;]*m", "", conditionMessage(e))))
control <- list(threshold = 1e-13, tol = 1e-13, maxiter = 3000, tau2.max = 1000)
fit <- function(d, m, t, ...) rma.uni(d$yi, d$vi, method = m, test = t, control = control, ...)
out <- lapply(names(sets), function(id) { d <- sets[[id]]
  g <- expand.grid(test = c("z", "t", "knha", "adhoc"), method = c("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"), stringsAsFactors = FALSE)
  grid <- lapply(seq_len(nrow(g)), function(i) list(method = unbox(g$method[i]), test = unbox(g$test[i]), result = guarded(keep(fit(d, g$method[i], g$test[i])))))
  x <- if (sum(is.finite(d$yi)) == 3) list(list(mods = unbox("~ x"), X = cbind(1, c(1, 2, 4)), fits = lapply(c("FE", "DL", "REML", "PM"), function(m) list(method = unbox(m), test = unbox("z"), result = guarded(keep(fit(d, m, "z", mods = c(1, 2, 4)))))))) else list()
  list(id = unbox(paste0("small/", id)), yi = d$yi, vi = d$vi, grid = grid, meta_regression = x) })
json <- toJSON(list(metafor = unbox(as.character(packageVersion("metafor"))), sets = out), digits = I(17), na = "string", null = "null", auto_unbox = FALSE)
writeLines(json, "validation/small_k.json")
