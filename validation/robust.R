# Reference values of cluster-robust inference by clubSandwich: sandwich types with Satterthwaite's
# degrees of freedom, HTZ tests of several coefficients, on the data of multilevel.json.
# Usage: Rscript validation/robust.R > validation/robust.json   (metafor 3.8-1, clubSandwich 0.5.8)
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
num <- function(x) I(unname(as.numeric(x)))
d <- as.data.frame(fromJSON("validation/multilevel.json")$data$d)
d$own <- as.numeric(d$study == 7); d$outcome <- factor(d$outcome)
V <- vcalc(vi, cluster = study, obs = id, rho = 0.5, data = d)
tight <- list(rel.tol = 1e-10)
fits <- list(
  list(id = "uni", fit = rma(yi, vi, data = d, control = list(threshold = 1e-12, maxiter = 500)), tests = list()),
  list(id = "uni mods", fit = rma(yi, vi, mods = ~ x + z + outcome, data = d, control = list(threshold = 1e-12, maxiter = 500)), tests = list(c(1, 2), c(3, 4), c(1, 2, 3, 4))),
  list(id = "uni own", fit = rma(yi, vi, mods = ~ x + own, data = d, control = list(threshold = 1e-12, maxiter = 500)), tests = list(c(1))),
  list(id = "nested mods", fit = rma.mv(yi, vi, mods = ~ x + z + outcome, random = ~ 1 | study/id, data = d, control = tight), tests = list(c(1, 2), c(3, 4), c(1, 2, 3, 4))),
  list(id = "blocks mods", fit = rma.mv(yi, V, mods = ~ x + z + outcome, random = ~ 1 | study/id, data = d, control = tight), tests = list(c(1, 2), c(3, 4))),
  list(id = "struct", fit = rma.mv(yi, V, mods = ~ outcome - 1, random = ~ outcome | study, struct = "HCS", data = d, control = tight), tests = list(c(0, 1, 2))),
  list(id = "groups", fit = rma.mv(yi, vi, mods = ~ x, random = ~ 1 | group/study/id, data = d, control = tight), tests = list(c(0, 1)), cluster = "group"))
out <- list()
for (f in fits) for (type in c("CR0", "CR1", "CR1p", "CR2")) {
  cl <- d[[if (is.null(f$cluster)) "study" else f$cluster]]; v <- vcovCR(f$fit, cluster = cl, type = type); ct <- coef_test(f$fit, vcov = v, test = "Satterthwaite")
  w <- lapply(f$tests, function(i) { t <- Wald_test(f$fit, constraints = constrain_zero(i + 1), vcov = v, test = "HTZ"); list(which = I(i), F = t$Fstat, df = t$df_denom, p = t$p_val) })
  out[[length(out) + 1]] <- list(id = f$id, type = type, se = num(sqrt(diag(v))), df = num(ct$df), p = num(ct$p_Satt), tests = w) }
cat(toJSON(list(clubSandwich = as.character(packageVersion("clubSandwich")), cases = out), digits = 15, auto_unbox = TRUE), "\n")
