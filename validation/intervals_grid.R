# Profile likelihood intervals of tau2 (metafor), and Kenward-Roger standard errors and degrees of
# freedom (dense matrices), for every set of the fixture of models.
# Usage: Rscript validation/intervals_grid.R > validation/intervals_grid.json   (metafor 3.8-1)
suppressMessages({library(metafor); library(jsonlite); library(numDeriv)})
num <- function(x) as.numeric(replace(x, sapply(x, is.null), NA))
sets <- fromJSON(gzfile("tests/fixtures/reference/models.json.gz"), simplifyVector = FALSE)$sets
tight <- list(threshold = 1e-13, maxiter = 10000)
search <- list(tol = 1e-13, maxiter = 10000, tau2.max = 1e5)
limits <- function(y, v, method) tryCatch({
  x <- rma(y, v, method = method, control = tight)
  ci <- confint(x, type = "PL", control = search)
  list(tau2 = x$tau2, lb = ci$random[1, "ci.lb"], ub = ci$random[1, "ci.ub"], high_sign = ci$ub.sign)
}, error = function(e) list(error = conditionMessage(e)))
# the mean alone: Phi_A of Kenward & Roger (1997), tau2's variance by the expected information
kenward_roger <- function(v, tau2) {
  k <- length(v); one <- rep(1, k); S <- diag(v + tau2); W <- solve(S)
  unit <- min(v) # numDeriv's steps are absolute near 0
  D <- matrix(jacobian(function(t) as.vector(solve(diag(v + t * unit))), tau2 / unit), k) / unit
  Phi <- 1 / sum(W); P <- W - W %*% one %*% t(one) %*% W * Phi
  w <- 2 / sum(P * t(P)); slope <- sum(D)
  list(se = sqrt(Phi + 2 * w * Phi^2 * (sum(D %*% S %*% D) - slope^2 * Phi)), df = 2 / (w * (slope * Phi)^2))
}
out <- lapply(sets, function(s) {
  y <- num(s$yi); v <- num(s$vi); use <- is.finite(y) & is.finite(v); y <- y[use]; v <- v[use]
  if (length(y) < 2 || length(y) > 120) return(NULL)
  reml <- limits(y, v, "REML")
  list(id = s$id, ML = limits(y, v, "ML"), REML = reml, KR = if (is.null(reml$error)) kenward_roger(v, reml$tau2))
})
cat(toJSON(Filter(Negate(is.null), out), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), "\n")
