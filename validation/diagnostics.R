# Reference values of diagnostics that ../shared/reference does not keep: everything that metafor's
# influence() gives, permutation tests, GOSH by REML, cumulative fits with knha, likelihood profiles.
# Usage: Rscript validation/diagnostics.R > validation/diagnostics.json   (metafor 3.8-1)
suppressMessages({library(metafor); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
tight <- list(threshold = 1e-13, maxiter = 1000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
small <- bcg[c(1, 3, 4, 7, 9, 12), ]
sets <- list(bcg = bcg, small = small)
infl <- function(x) { i <- influence(x); inf <- unclass(i$inf)
  c(lapply(inf[c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight")], num),
    list(dfbs = lapply(unclass(i$dfbs)[seq_len(x$p)], num), is_infl = i$is.infl)) }
out <- list(metafor = as.character(packageVersion("metafor")), cases = list())
add <- function(...) out$cases[[length(out$cases) + 1]] <<- list(...)
for (name in names(sets)) { d <- sets[[name]]
  for (test in c("z", "knha", "t", "adhoc")) for (method in c("REML", "DL", "EE")) {
    mods <- if (name == "bcg") list(~ 1, ~ ablat, ~ ablat + year) else list(~ 1, ~ ablat)
    for (m in mods) { x <- rma(yi, vi, mods = m, data = d, method = method, test = test, control = tight)
      add(fn = "influence", set = name, mods = deparse(m), method = method, test = test, result = infl(x))
      rs <- rstudent(x); rd <- rstandard(x)
      add(fn = "residuals", set = name, mods = deparse(m), method = method, test = test,
          result = list(rstudent = num(rs$z), rstudent_se = num(rs$se), rstudent_resid = num(rs$resid), rstandard = num(rd$z), rstandard_se = num(rd$se))) }
    x <- rma(yi, vi, data = d, method = method, test = test, control = tight)
    cu <- cumul(x, order = d$year)
    add(fn = "cumul", set = name, method = method, test = test, result = lapply(unclass(cu)[c("estimate", "se", "ci.lb", "ci.ub")], num))
    if (method != "EE") { b <- blup(x); r <- ranef(x)
      add(fn = "blup", set = name, method = method, test = test, result = lapply(list(pred = b$pred, se = b$se, pi_lb = b$pi.lb, pi_ub = b$pi.ub, ranef = r$pred, ranef_se = r$se), num)) }
    pdf(NULL); b <- baujat(x); dev.off()
    add(fn = "baujat", set = name, method = method, test = test, result = list(x = num(b$x), y = num(b$y)))
  } }
for (method in c("REML", "DL", "EE")) for (test in c("z", "knha")) {
  x <- rma(yi, vi, data = small, method = method, test = test, control = tight)
  p <- permutest(x, exact = TRUE, progbar = FALSE)
  add(fn = "permutest", set = "small", mods = "~1", method = method, test = test, result = list(n = p$X.iter, pval = num(p$pval)))
  x <- rma(yi, vi, mods = ~ ablat, data = small, method = method, test = test, control = tight)
  p <- permutest(x, exact = TRUE, progbar = FALSE)
  add(fn = "permutest", set = "small", mods = "~ablat", method = method, test = test, result = list(n = p$X.iter, pval = num(p$pval), QMp = num(p$QMp)))
}
x <- rma(yi, vi, data = small, control = tight)
g <- gosh(x, progbar = FALSE)
add(fn = "gosh", set = "small", method = "REML", test = "z", result = list(n = nrow(g$res), mean = num(colMeans(g$res)), columns = colnames(g$res), sorted = num(sort(g$res$estimate))))
for (method in c("REML", "ML")) { x <- rma(yi, vi, data = bcg, method = method, control = tight)
  pr <- profile(x, xlim = c(0, 1), steps = 11, progbar = FALSE, plot = FALSE)
  add(fn = "profile", set = "bcg", method = method, result = list(tau2 = num(pr$tau2), ll = num(pr$ll))) }
out$data <- lapply(sets, function(d) list(yi = num(d$yi), vi = num(d$vi), ablat = num(d$ablat), year = num(d$year)))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "\n")
