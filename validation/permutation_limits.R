# Confidence limits by inverted permutation tests, all sign patterns of the first 7 BCG trials.
# Usage: Rscript validation/permutation_limits.R > validation/permutation_limits.json   (R 4.2, metafor 3.8-1, jsonlite; two minutes)
suppressMessages({library(metafor); library(jsonlite)})
d <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)[1:7, ]
cases <- list()
for (method in c("EE", "REML")) for (test in c("z", "knha")) {
  x <- suppressWarnings(rma(yi, vi, data = d, method = method, test = test))
  # a far starting bracket, as none is found from a near one
  p <- permutest(x, exact = TRUE, permci = TRUE, progbar = FALSE, control = list(tol = 1e-9, distfac = 8))
  cases <- c(cases, list(list(method = method, test = test, pval = as.numeric(p$pval), ci_lb = as.numeric(p$ci.lb), ci_ub = as.numeric(p$ci.ub))))
}
cat(toJSON(list(yi = as.numeric(d$yi), vi = as.numeric(d$vi), cases = cases), digits = NA, auto_unbox = TRUE), "\n")
