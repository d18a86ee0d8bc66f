# Reference values of the regression test in multilevel models with cluster-robust errors, by
# metafor and clubSandwich on the data of multilevel.json.
# Usage: Rscript validation/clustered_egger.R > validation/clustered_egger.json
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
d <- as.data.frame(fromJSON("validation/multilevel.json")$data$d)
V <- vcalc(vi, cluster = study, obs = id, rho = 0.5, data = d)
tight <- list(rel.tol = 1e-10)
fits <- list(
  "nested sei" = rma.mv(yi, vi, mods = ~ sqrt(vi), random = ~ 1 | study/id, data = d, control = tight),
  "nested vi" = rma.mv(yi, vi, mods = ~ vi, random = ~ 1 | study/id, data = d, control = tight),
  "blocks sei" = rma.mv(yi, V, mods = ~ sqrt(vi), random = ~ 1 | study/id, data = d, control = tight),
  "moderated sei" = rma.mv(yi, vi, mods = ~ sqrt(vi) + x, random = ~ 1 | study/id, data = d, control = tight),
  "plain sei" = rma(yi, vi, mods = ~ sqrt(vi), data = d, control = list(threshold = 1e-12, maxiter = 500)))
out <- lapply(fits, function(f) {
  ct <- coef_test(f, vcov = vcovCR(f, cluster = d$study, type = "CR2"), test = "Satterthwaite")
  list(slope = ct$beta[2], se = ct$SE[2], dfs = ct$df[2], pval = ct$p_Satt[2], limit = ct$beta[1],
       half = qt(0.975, ct$df[1]) * ct$SE[1])
})
cat(toJSON(out, digits = NA, auto_unbox = TRUE), "\n")
