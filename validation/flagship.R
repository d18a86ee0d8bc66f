# metafor on the rows that the flagship's pools take.
#   Rscript validation/flagship.R validation/flagship_rows.json validation/flagship_expected.json
suppressMessages({library(metafor); library(jsonlite)})
args <- commandArgs(TRUE)
cases <- fromJSON(args[1], simplifyVector = FALSE)
z <- qnorm(0.975)
one <- function(s, measure) {
  if (!is.null(s$estimate)) return(c(log(s$estimate), ((log(s$ci_ub) - log(s$ci_lb)) / (2 * z))^2))
  if (measure %in% c("PLO", "PR"))
    e <- escalc(measure = measure, xi = s$ai, ni = s$n1i)
  else
    e <- escalc(measure = measure, ai = s$ai, n1i = s$n1i, ci = s$ci, n2i = s$n2i)
  c(e$yi, e$vi)
}
out <- lapply(cases, function(case) {
  v <- t(vapply(case$studies, one, numeric(2), measure = case$measure))
  ctl <- list(threshold = 1e-13, maxiter = 5000)
  fit <- suppressWarnings(rma(v[, 1], v[, 2], method = case$method, test = case$test, control = ctl))
  wald <- suppressWarnings(rma(v[, 1], v[, 2], method = case$method, test = "z", control = ctl))
  p <- predict(fit)
  back <- if (case$measure == "PLO") plogis else exp
  list(id = case$id, k = fit$k, yi = v[, 1], vi = v[, 2], estimate = back(c(fit$beta)),
       ci_lb = back(fit$ci.lb), ci_ub = back(fit$ci.ub), pi_lb = back(p$pi.lb), pi_ub = back(p$pi.ub),
       z_lb = back(wald$ci.lb), z_ub = back(wald$ci.ub),
       tau2 = fit$tau2, I2 = fit$I2, QE = fit$QE, QEp = fit$QEp)
})
write(toJSON(list(metafor = as.character(packageVersion("metafor")), cases = out),
             digits = I(17), auto_unbox = TRUE, pretty = TRUE), args[2])
