# metafor and base R on the rows that the flagship's results take.
#   Rscript validation/flagship.R validation/flagship_rows.json validation/flagship_expected.json
suppressMessages({library(metafor); library(jsonlite)})
args <- commandArgs(TRUE)
cases <- fromJSON(args[1], simplifyVector = FALSE)
z <- qnorm(0.975)
RATIO <- c("OR", "RR", "HR")
ctl <- list(threshold = 1e-13, maxiter = 5000)

forward <- function(measure) if (measure %in% RATIO) log else identity
back <- function(measure) if (measure == "PLO") plogis else if (measure %in% RATIO) exp else identity

# one line: its estimate and variance, and what is shown of it (an equal-effects model of one study)
line <- function(s, measure) {
  if (!is.null(s$estimate)) {
    f <- forward(measure); q <- qnorm(0.5 + s$level / 200)
    return(list(study = s$study, key = s$key, yi = f(s$estimate), vi = ((f(s$ci_ub) - f(s$ci_lb)) / (2 * q))^2,
                estimate = s$estimate, ci_lb = s$ci_lb, ci_ub = s$ci_ub))
  }
  e <- if (is.null(s$xi)) escalc(measure = measure, ai = s$ai, n1i = s$n1i, ci = s$ci, n2i = s$n2i)
       else escalc(measure = measure, xi = s$xi, ni = s$ni)
  fit <- rma(e$yi, e$vi, method = "EE"); b <- back(measure)
  list(study = s$study, key = s$key, yi = c(e$yi), vi = c(e$vi),
       estimate = b(c(fit$beta)), ci_lb = b(fit$ci.lb), ci_ub = b(fit$ci.ub))
}
# a share as counted, with Clopper and Pearson's limits
share <- function(x, n) {
  ci <- binom.test(x, n)$conf.int
  list(estimate = x / n, ci_lb = ci[1], ci_ub = ci[2])
}
counted <- function(s) c(list(study = s$study, key = s$key), share(s$xi, s$ni))

pool <- function(case, lines) {
  yi <- vapply(lines, `[[`, 0, "yi"); vi <- vapply(lines, `[[`, 0, "vi")
  fit <- suppressWarnings(rma(yi, vi, method = case$method, test = case$test, control = ctl))
  wald <- suppressWarnings(rma(yi, vi, method = case$method, test = "z", control = ctl))
  p <- predict(fit); b <- back(case$measure)
  list(k = fit$k, estimate = b(c(fit$beta)),
       ci_lb = b(fit$ci.lb), ci_ub = b(fit$ci.ub), pi_lb = b(p$pi.lb), pi_ub = b(p$pi.ub),
       z_lb = b(wald$ci.lb), z_ub = b(wald$ci.ub),
       tau2 = fit$tau2, I2 = fit$I2, QE = fit$QE, QEp = fit$QEp)
}

out <- lapply(cases, function(case) {
  counts <- all(vapply(case$lines, function(s) !is.null(s$xi), TRUE))
  lines <- if (case$kind == "exact") lapply(case$lines, counted)
           else lapply(case$lines, line, measure = case$measure)
  if (case$kind == "listed" && counts)  # not pooled: shown as counted
    lines <- Map(function(l, s) modifyList(l, share(s$xi, s$ni)), lines, case$lines)
  whole <- switch(case$kind,
    pool = pool(case, lines),
    single = lines[[1]][c("estimate", "ci_lb", "ci_ub")],
    exact = share(sum(vapply(case$lines, `[[`, 0, "xi")), sum(vapply(case$lines, `[[`, 0, "ni"))),
    listed = list())
  c(list(id = case$id, kind = case$kind), whole, list(lines = lines))
})
write(toJSON(list(metafor = as.character(packageVersion("metafor")), R = R.version.string, cases = out),
             digits = I(17), auto_unbox = TRUE, pretty = TRUE), args[2])
