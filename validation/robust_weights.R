# Cluster-robust inference for fits with users' weights: metafor 3.8 (robust) and clubSandwich.
# Run: Rscript validation/robust_weights.R > validation/robust_weights.json
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg$group <- c(1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 8); bcg$when <- bcg$year - 1966
set.seed(9); m <- 15; size <- sample(1:5, m, TRUE); k <- sum(size)
made <- data.frame(group = rep(seq_len(m), size), ablat = round(rnorm(k), 3), when = round(rep(rnorm(m), size), 3), vi = round(runif(k, 0.02, 0.2), 4))
made$yi <- round(0.2 + 0.1 * made$when + rep(rnorm(m, 0, 0.3), size) + rnorm(k, 0, sqrt(made$vi)), 4)
bcg$w <- round(sqrt(bcg$tpos + bcg$cpos), 3); made$w <- round(runif(k, 0.5, 3), 3)
sets <- list(bcg = bcg, made = made)
one <- function(data, mods, how) {
  d <- sets[[data]]
  a <- list(yi = d$yi, vi = d$vi, mods = as.formula(mods), data = d, method = "REML", control = list(threshold = 1e-13, maxiter = 10000))
  if (how == "weights") a$weights <- d$w else a$weighted <- FALSE
  x <- do.call(rma, a)
  r <- robust(x, cluster = d$group)  # CR1p, clusters - p degrees of freedom
  V2 <- vcovCR(x, cluster = d$group, type = "CR2"); t2 <- coef_test(x, vcov = V2, test = "Satterthwaite")
  out <- list(data = data, mods = mods, how = how, tau2 = x$tau2, beta = c(x$beta), CR1p = r$se, p_CR1p = r$pval,
    CR0 = sqrt(diag(vcovCR(x, cluster = d$group, type = "CR0"))), CR2 = t2$SE, df = t2$df_Satt, p_CR2 = t2$p_Satt)
  if (x$p > 2) { h <- Wald_test(x, constraints = constrain_zero(2:x$p), vcov = V2, test = "HTZ"); out$HTZ <- c(h$Fstat, h$df_denom, h$p_val) }
  out
}
cases <- list(); for (s in names(sets)) for (f in c("~ 1", "~ when", "~ ablat + when")) for (h in c("weights", "unweighted")) cases <- c(cases, list(one(s, f, h)))
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), clubSandwich = as.character(packageVersion("clubSandwich")),
  data = lapply(sets, function(d) as.list(d[c("yi", "vi", "group", "ablat", "when", "w")])), cases = cases), digits = NA, auto_unbox = TRUE))
