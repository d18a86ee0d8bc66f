# Digits that metafor 3.8-1 and lme4 print, and publications with them, because a search stops early: the same
# fit with the default tolerance and with a tight one. Run: Rscript validation/literature.R
# Used by tests/meta/literature, which asks that the default rounds to the printed digits and that
# the tight one is ours.
suppressMessages({library(metafor); library(lme4); library(jsonlite)})
tight <- list(threshold = 1e-13, maxiter = 10000)
both <- function(one) list(default = one(list()), tight = one(tight))
limit <- function(fit, row, which) list(
  default = confint(fit)$random[row, which],
  tight = confint(fit, control = list(tol = 1e-14))$random[row, which])

rr <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
or <- escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
z <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
year <- function(control) rma(yi, vi, mods = ~ ablat + year, data = rr, control = control)
latitude <- function(control) rma(yi, vi, mods = ~ ablat, data = or, method = "ML", control = control)
teachers <- function(control) rma(yi, vi, data = dat.raudenbush1985, control = control)
adherence <- function(control) rma(yi, vi, data = z, control = control)
bcg <- rma(yi, vi, data = rr, control = tight)
ml <- rma(yi, vi, data = or, method = "ML", control = tight)

calendars <- rma.mv(yi, vi, random = ~ school | district, data = dat.konstantopoulos2011)
rho <- function(...) confint(calendars, rho = 1, ...)$random[1, "ci.ub"]
settled <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5))
sleep <- function(row, column) {
  of <- function(control) as.data.frame(VarCorr(
    lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control = control)))[row, column]
  list(default = of(lmerControl()), tight = of(settled))
}

out <- list(
  writing_z = both(function(c) rma(yi, vi, data = dat.bangertdrowns2004, control = c)$zval),
  calendars_rho_ub = list(default = rho(), tight = rho(control = list(tol = 1e-12))),
  sleep_var_intercept = sleep(1, "vcov"), sleep_cov = sleep(3, "vcov"),
  sleep_var_residual = sleep(4, "vcov"), sleep_sd_intercept = sleep(1, "sdcor"),
  sleep_sd_slope = sleep(2, "sdcor"), sleep_sd_residual = sleep(4, "sdcor"),
  bcg_I2_lb = limit(bcg, "I^2(%)", 2),
  bcg_H2_lb = limit(bcg, "H^2", 2),
  bcg_year_b0 = both(function(c) coef(year(c))[[1]]),
  bcg_year_se0 = both(function(c) year(c)$se[1]),
  bcg_year_lb0 = both(function(c) year(c)$ci.lb[1]),
  bcg_year_ub0 = both(function(c) year(c)$ci.ub[1]),
  bcg_year_QM = both(function(c) year(c)$QM),
  bcg_year_rstudent12_se = both(function(c) rstudent(year(c))$se[12]),
  bcg_or_tau2_lb = limit(ml, "tau^2", 2),
  bcg_or_b0 = both(function(c) coef(latitude(c))[[1]]),
  bcg_or_se0 = both(function(c) latitude(c)$se[1]),
  teachers_I2 = both(function(c) teachers(c)$I2),
  teachers_pi_ub = both(function(c) predict(teachers(c))$pi.ub),
  adherence_z = both(function(c) adherence(c)$zval),
  adherence_pi_ub = both(function(c) predict(adherence(c), transf = transf.ztor)$pi.ub)
)
writeLines(toJSON(out, auto_unbox = TRUE, digits = 14, pretty = TRUE), "validation/literature.json")
