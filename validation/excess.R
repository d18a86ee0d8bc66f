# The test of excess significance with its options: metafor 3.8.
# Run: Rscript validation/excess.R > validation/excess.json
suppressMessages({library(metafor); library(jsonlite)})
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
one <- function(...) {
  x <- tes(yi, vi, data = dat, progbar = FALSE, ...)
  list(O = x$O, E = x$E, pval = x$pval, limit = x$theta.lim[1], power = x$power)
}
out <- list(
  plain = one(), theta = one(theta = -0.5), tau2 = one(theta = -0.5, tau2 = 0.1),
  H0 = one(theta = -0.7, H0 = -0.2), less = one(alternative = "less"),
  greater = one(alternative = "greater", theta = 0.1), binom = one(test = "binom", theta = -0.3),
  chi2 = one(test = "chi2", theta = -0.3), limit = one(theta = -0.3, tes.alpha = 0.05))
cat(toJSON(list(yi = c(dat$yi), vi = c(dat$vi), cases = out), digits = NA, auto_unbox = TRUE, na = "null"))
