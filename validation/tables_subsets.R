# Leave-one-out and cumulative fits of Mantel-Haenszel's and Peto's methods: metafor 3.8.
# Run: Rscript validation/tables_subsets.R > validation/tables_subsets.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
show <- function(x) lapply(list(estimate = x$estimate, se = x$se, zval = x$zval, pval = x$pval, ci_lb = x$ci.lb, ci_ub = x$ci.ub, QE = x$Q, QEp = x$Qp), as.numeric)
b <- dat.bcg; n <- dat.nielweise2008
fits <- c(lapply(c("OR", "RR", "RD"), function(m) rma.mh(measure = m, ai = tpos, bi = tneg, ci = cpos, di = cneg, data = b)),
          list(rma.peto(ai = tpos, bi = tneg, ci = cpos, di = cneg, data = b)),
          lapply(c("IRR", "IRD"), function(m) rma.mh(measure = m, x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = n)))
cases <- lapply(fits, function(f) { one <- leave1out(f); list(measure = f$measure, set = if (f$measure %in% c("IRR", "IRD")) "nielweise" else "bcg",
  leave1out = show(one), cumulative = show(cumul(f, order = if (f$measure %in% c("IRR", "IRD")) n$study else b$year))) })
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), bcg = list(ai = b$tpos, bi = b$tneg, ci = b$cpos, di = b$cneg, order = b$year),
  nielweise = list(x1i = n$x1i, t1i = n$t1i, x2i = n$x2i, t2i = n$t2i, order = n$study), cases = cases), digits = NA, auto_unbox = TRUE, na = "null"))
