#!/usr/bin/env Rscript
# Beta-binomial models by VGAM (both ways that groups share a parameter, three links) and glmmTMB
# (standard errors from the observed information; logit link only).
#   Rscript validation/beta_binomial.R > validation/beta_binomial.json
suppressMessages({library(metafor); library(VGAM); library(glmmTMB); library(jsonlite)})
niel <- dat.nielweise2007
set <- list(
  bcg = with(dat.bcg, list(ai = tpos, bi = tneg, ci = cpos, di = cneg, x = ablat - 33)),
  catheters = with(niel, list(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci)),
  zeros = list(ai = c(0, 0, 3, 0, 6, 1, 0, 2), bi = c(25, 30, 47, 50, 34, 29, 61, 38), ci = c(2, 0, 9, 1, 5, 8, 0, 7), di = c(23, 31, 41, 52, 36, 20, 58, 35)))
one <- list(
  few = list(xi = c(8, 3, 12, 5, 0, 9), ni = c(20, 25, 18, 22, 15, 30), x = c(-2.5, -1.5, -.5, .5, 1.5, 2.5)),
  many = with(dat.bcg, list(xi = cpos, ni = cpos + cneg, x = ablat - 33)))
tight <- vglm.control(epsilon = 1e-13, maxit = 500)
log_mean <- VGAM::betabinomial(lmu = "loglink"); same_mean <- VGAM::betabinomial(lmu = "identitylink")
family <- list(OR = VGAM::betabinomial(), RR = log_mean, RD = same_mean, PLO = VGAM::betabinomial(), PLN = log_mean, PR = same_mean)
out <- list()
keep <- function(...) out[[length(out) + 1]] <<- list(...)
long <- function(d) with(d, data.frame(y = c(ai, ci), m = c(bi, di), arm = rep(1:0, each = length(ai)), x = if (is.null(d$x)) 0 else rep(x, 2)))
tmb <- function(f, data) { h <- suppressWarnings(glmmTMB(f, family = glmmTMB::betabinomial(), data = data)); v <- vcov(h)$cond; b <- fixef(h)$cond
  list(beta = unname(b), se = unname(sqrt(diag(v))), rho = 1 / (1 + sigma(h)), ll = as.numeric(logLik(h))) }
for (name in names(set)) {
  d <- long(set[[name]])
  for (m in c("OR", "RR", "RD")) {
    f <- vglm(cbind(y, m) ~ arm, family[[m]], data = d, control = tight)
    keep(set = unbox(name), measure = unbox(m), common = unbox("rho"), beta = unbox(coef(f)[["arm"]]), rho = unbox(plogis(coef(f)[[2]])), ll = unbox(as.numeric(logLik(f))), tmb = if (m == "OR") tmb(cbind(y, m) ~ arm, d)) }
  g <- vglm(cbind(y, m) ~ arm, betabinomialff(), data = d, constraints = list("(Intercept)" = diag(2), arm = rbind(1, 0)), control = tight)
  keep(set = unbox(name), measure = unbox("OR"), common = unbox("beta"), beta = unbox(coef(g)[["arm"]]), rho = unbox(exp(coef(g)[[2]])), ll = unbox(as.numeric(logLik(g)))) }
d <- long(set$bcg); d$z <- d$arm * d$x
keep(set = unbox("bcg"), measure = unbox("OR"), common = unbox("rho"), mods = set$bcg$x, tmb = tmb(cbind(y, m) ~ arm + z, d))
for (name in names(one)) {
  d <- with(one[[name]], data.frame(y = xi, m = ni - xi, x = x))
  for (m in c("PLO", "PLN", "PR")) { f <- vglm(cbind(y, m) ~ 1, family[[m]], data = d, control = tight)
    keep(set = unbox(name), measure = unbox(m), common = unbox("rho"), beta = unbox(coef(f)[[1]]), rho = unbox(plogis(coef(f)[[2]])), ll = unbox(as.numeric(logLik(f))), tmb = if (m == "PLO") tmb(cbind(y, m) ~ 1, d)) }
  keep(set = unbox(name), measure = unbox("PLO"), common = unbox("rho"), mods = d$x, tmb = tmb(cbind(y, m) ~ x, d)) }
cat(toJSON(list(made_by = unbox("validation/beta_binomial.R"), VGAM = unbox(as.character(packageVersion("VGAM"))), glmmTMB = unbox(as.character(packageVersion("glmmTMB"))), sets = c(set, one), fits = out), digits = I(15), na = "null", null = "null"))
