# Inflation factors, likelihood ratios, contrasts and subgroups: metafor 3.8.
# Run: Rscript validation/comparing.R > validation/comparing.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
tight <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 5000); uni <- list(threshold = 1e-13, maxiter = 10000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg$random <- as.numeric(bcg$alloc == "random"); bcg$systematic <- as.numeric(bcg$alloc == "systematic")
bcg$when <- bcg$year - 1966
kon <- as.data.frame(dat.konstantopoulos2011); kon$when <- kon$year - 1985
set.seed(5); kon$size <- round(rnorm(nrow(kon)), 3); kon$mixed <- round(0.05 * kon$when + rnorm(nrow(kon), 0, 0.3), 3)
inflation <- function(x, btt) {
  g <- vif(x, btt = btt)
  list(vif = sapply(vif(x)$vif, function(v) v$vif), gvif = if (is.null(g$vif)) g$gvif else g$vif[[1]]$vif)
}
three <- function(mods, method, random = ~ 1 | district/school, test = "z", dfs = "residual")
  rma.mv(yi, vi, mods = mods, random = random, data = kon, method = method, test = test, dfs = dfs, control = tight, sparse = TRUE)

u <- rma(yi, vi, mods = ~ random + systematic + ablat + when, data = bcg, control = uni)
m <- three(~ when + size + mixed, "REML")
ratio <- function(a, b) { x <- anova(a, b); list(LRT = x$LRT, pval = x$pval, df = x$parms.f - x$parms.r) }
full <- three(~ when + size + mixed, "ML"); less <- three(~ when, "ML"); flat <- three(~ when, "ML", ~ 1 | district)
L <- rbind(c(0, 1, -1, 0), c(1, 2, 0, 0.5))
wald <- function(x) { a <- anova(x, X = L); list(estimate = c(a$Xb), se = a$se, zval = a$zval, pval = a$pval, QM = a$QM, QMp = a$QMp) }
groups <- split(bcg, bcg$alloc)
own <- lapply(groups, function(g) rma(yi, vi, data = g, control = uni))
estimate <- sapply(own, function(x) c(x$beta)); se <- sapply(own, function(x) x$se)
q <- rma(estimate, sei = se, mods = ~ names(groups), method = "FE")
common <- rma(yi, vi, mods = ~ alloc, data = bcg, control = uni)
cat(toJSON(list(metafor = as.character(packageVersion("metafor")),
  bcg = as.list(bcg[c("yi", "vi", "alloc", "random", "systematic", "ablat", "when")]), kon = as.list(kon[c("yi", "vi", "district", "school", "when", "size", "mixed")]),
  vif_uni = inflation(u, 2:3), vif_multilevel = inflation(m, 3:4),
  ratios = list(mods = ratio(full, less), random = ratio(less, flat)),
  contrasts = L, wald_z = wald(m), wald_t = wald(three(~ when + size + mixed, "REML", test = "t")),
  subgroups = list(names = names(groups), tau2 = unname(sapply(own, function(x) x$tau2)), estimate = unname(estimate), se = unname(se), QM = q$QM, QMp = q$QMp),
  common = list(tau2 = common$tau2, QM = common$QM, QMp = common$QMp)), digits = NA, auto_unbox = TRUE))
