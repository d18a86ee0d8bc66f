#!/usr/bin/env Rscript
# Measures and variance formulas that the shared reference lacks, or shows on one data set only.
# Measures that came after 3.8-1 are derived at the end.
#   Rscript validation/escalc_measures.R > tests/fixtures/reference/escalc_measures.json
suppressMessages({library(metafor); library(jsonlite)})
out <- list()
record <- function(measure, data, opts = setNames(list(), character(0)), name = "") {
  r <- suppressWarnings(do.call(escalc, c(list(measure = measure), data, opts)))
  id <- paste(c(measure, unlist(opts), name), collapse = "-")
  out[[length(out) + 1]] <<- list(id = unbox(id), measure = unbox(measure), opts = lapply(opts, unbox), data = data, yi = as.numeric(r$yi), vi = as.numeric(r$vi))
}
each <- function(codes, data, vtypes = NULL, name = "") for (code in codes) {
  record(code, data, name = name)
  for (v in vtypes) record(code, data, list(vtype = v), name = name)
}
table <- list(ai = c(4, 6, 3, 62, 33, 180, 8), bi = c(119, 300, 228, 13536, 5036, 1361, 2), ci = c(11, 29, 11, 248, 47, 372, 1), di = c(128, 274, 209, 12619, 5761, 1079, 11))
each(c("YUQ", "YUY", "RTET", "PBIT", "OR2D", "OR2DN", "OR2DL", "MPRR", "MPOR", "MPRD", "MPORC", "MPPETO"), table)
each("PHI", table, c("ST", "CS")); each("RD", table, c("UB", "AV"))
each(c("RTET", "PHI"), list(ai = c(20, 5, 40, 7), bi = c(20, 30, 1, 0), ci = c(20, 28, 2, 3), di = c(20, 6, 37, 9)), name = "association")
each("MPORM", c(table, list(ri = c(.3, .1, 0, .2, -.1, .5, .9))))
means <- list(m1i = c(5, 6, 7, 3, -1, 2.5), m2i = c(3, 4, 9, 2.5, 1, 2.5), sd1i = c(1, 2, 2, .7, 3, 1), sd2i = c(1.5, 1.2, 2, .9, 2, 1), n1i = c(10, 22, 40, 8, 2, 300), n2i = c(9, 25, 33, 7, 3, 450))
each(c("SMD1", "SMD"), means, c("LS2", "UB", "AV")); each("SMDH", means); each("MD", means, c("UB", "HO"))
each(c("SMD1H", "RBIS", "D2OR", "D2ORN", "D2ORL", "VR"), means); each("RPB", means, c("ST", "CS"))
positive <- lapply(means, function(x) x[c(1:4, 6)])
each("CVR", positive); each("ROM", positive, c("HO", "AV", "AVHO"))
each("VR", means[3:6], name = "without means")
change <- list(m1i = c(5, 6, 7, 4), m2i = c(3, 4, 9, 4), sd1i = c(1, 2, 2, 1.1), sd2i = c(1.5, 1.2, 2, .8), ni = c(10, 22, 40, 3), ri = c(.3, .6, -.9, .2))
each(c("SMCC", "SMCR"), change, "LS2"); each(c("SMCRH", "ROMC", "CVRC", "VRC", "MC"), change)
each("IRSD", list(x1i = c(3, 8, 12, 0), x2i = c(5, 9, 7, 4), t1i = c(30, 80, 99, 12.5), t2i = c(33, 72, 120, 20)))
each(c("IRS", "IRFT", "IR"), list(xi = c(3, 8, 12, 0), ti = c(30, 40, 50.5, 7)))
r <- list(ri = c(.3, .5, -.2, .1, .99, 0, -.8), ni = c(10, 30, 25, 8, 5, 40, 200))
each("UCOR", r, c("UB", "AV")); each("COR", r, "AV")
one <- list(xi = c(3, 8, 12, 1), ni = c(30, 40, 50, 17))
each("PR", one, c("UB", "AV")); each(c("PLN", "PLO"), one, "AV")
each(c("MN", "MNLN", "CVLN"), list(mi = c(3, 8, 12, .5), sdi = c(2, 3, 4, .1), ni = c(30, 40, 50, 2)))
each("SDLN", list(sdi = c(2, 3, 4, .1), ni = c(30, 40, 50, 2)))
each(c("ARAW", "AHW", "ABT"), list(ai = c(.7, .8, .9, -.2), mi = c(5, 10, 20, 2), ni = c(50, 80, 100, 30)))
partial <- list(ti = c(1.5, 2.5, -1, 0), ni = c(50, 80, 100, 20), mi = c(3, 4, 5, 1))
each("PCOR", partial, "AV"); each("ZPCOR", partial)
each("SPCOR", c(partial, list(r2i = c(.2, .3, .4, .1))), "AV")
each("REH", list(ai = c(20, 5, 100, 64), bi = c(30, 9, 47, 32), ci = c(11, 4, 9, 4)))
each("SMD", list(di = c(.3, -.5, 1.2), n1i = c(10, 22, 40), n2i = c(9, 25, 33)), name = "di")
each("SMD", list(ti = c(.3, -1.5, 2.2), n1i = c(10, 22, 40), n2i = c(9, 25, 33)), name = "ti")

# Measures of metafor 4 and 5: from others of 3.8-1, or from first principles by numerical derivatives.
library(numDeriv)
derived <- function(measure, data, yi, vi, opts = setNames(list(), character(0))) out[[length(out) + 1]] <<-
  list(id = unbox(paste(c(measure, unlist(opts), "derived"), collapse = "-")), measure = unbox(measure), opts = lapply(opts, unbox), data = data, yi = yi, vi = vi)
fisher <- function(measure, base, data, opts = setNames(list(), character(0))) {
  r <- suppressWarnings(do.call(escalc, c(list(measure = base), data, opts))); y <- as.numeric(r$yi)
  derived(measure, data, ifelse(abs(y) < 1, atanh(y), NA), ifelse(abs(y) < 1, r$vi * sapply(y, function(x) if (abs(x) < 1) grad(atanh, x) else NA)^2, NA), opts)
}
fisher("ZPHI", "PHI", table); fisher("ZPHI", "PHI", table, list(vtype = "ST")); fisher("ZPB", "RPB", means); fisher("ZPB", "RPB", means, list(vtype = "CS"))
fisher("ZBIS", "RBIS", means); fisher("ZSPCOR", "SPCOR", c(partial, list(r2i = c(.2, .3, .4, .1))))
# tetrachoric correlation: metafor's search stops at 1e-5; here Plackett's integral to 1e-12
tetrachoric <- function(n) {
  n <- n / sum(n); h <- qnorm(n[1] + n[2]); k <- qnorm(n[1] + n[3])
  f <- function(t) exp(-(h^2 - 2 * h * k * sin(t) + k^2) / (2 * cos(t)^2)) / (2 * pi)
  over <- function(t) pnorm(h) * pnorm(k) + integrate(f, 0, t, rel.tol = 1e-12, abs.tol = 0, subdivisions = 1000)$value - n[1]
  sin(uniroot(over, c(-1.5, 1.5), tol = 1e-14)$root)
}
for (code in c("RTET", "ZTET")) {
  f <- if (code == "RTET") tetrachoric else function(n) atanh(tetrachoric(n))
  rows <- sapply(1:7, function(i) { n <- sapply(table, `[`, i); g <- grad(f, n) * sum(n); p <- n / sum(n); c(f(n), (sum(p * g^2) - sum(p * g)^2) / sum(n)) })
  derived(code, table, rows[1, ], rows[2, ])
}
p <- one$xi / one$ni; derived("PRZ", one, qnorm(p), sapply(p, function(x) grad(qnorm, x))^2 * p * (1 - p) / one$ni)
g <- list(mi = c(3, 8, 12, -.5), sdi = c(2, 3, 4, .1), ni = c(30, 40, 50, 3))
as_change <- escalc(measure = "SMCC", m1i = g$mi, m2i = 0 * g$mi, sd1i = g$sdi, sd2i = 0 * g$sdi, ri = 0 * g$mi, ni = g$ni)
derived("SMN", g, as.numeric(as_change$yi), as.numeric(as_change$vi))
w <- list(r2i = c(.2, .3, .4, .1), ni = c(50, 80, 100, 20), mi = c(3, 4, 5, 1))
# var R = (1 - R^2)^2/n for large samples, whatever the number of predictors
derived("R2", w, w$r2i, sapply(sqrt(w$r2i), function(x) grad(function(r) r^2, x))^2 * (1 - w$r2i)^2 / w$ni)
derived("ZR2", w, atanh(sqrt(w$r2i)), sapply(sqrt(w$r2i), function(x) grad(atanh, x))^2 * (1 - w$r2i)^2 / w$ni)
derived("HR", list(yi = c(-.2, .3), sei = c(.1, .2)), c(-.2, .3), c(.1, .2)^2); derived("HD", list(yi = c(-.2, .3), vi = c(.1, .2)), c(-.2, .3), c(.1, .2))
# two dependent means and variances: normal theory, by the delta method at the corrected difference
pooled <- function(data, equal) {
  J <- function(m) exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / sqrt(m / 2)
  rows <- sapply(seq_along(data$ni), function(i) with(lapply(data, `[`, i), {
    v1 <- sd1i^2; v2 <- sd2i^2; n <- ni; r <- ri; s <- sqrt((v1 + v2) / 2); f <- n - 1; y <- J(2 * f / (1 + r^2)) * (m1i - m2i) / s
    if (equal) { v1 <- v2 <- s^2; f <- n }
    S <- diag(c((v1 + v2 - 2 * r * sqrt(v1 * v2)) / f, 2 * v1^2 / f, 2 * v2^2 / f)); S[2, 3] <- S[3, 2] <- 2 * r^2 * v1 * v2 / f
    d <- grad(function(x) x[1] / sqrt((x[2] + x[3]) / 2), c(y * s, v1, v2)); c(y, c(d %*% S %*% d)) }))
  list(yi = rows[1, ], vi = rows[2, ])
}
x <- pooled(change, TRUE); derived("SMCRP", change, x$yi, x$vi); x <- pooled(change, FALSE); derived("SMCRPH", change, x$yi, x$vi)
# areas under the ROC curve: of exponential distributions, by integrals; of normal ones, by the delta method
area <- function(a, n1, n2, mean_of_sizes) {
  if (is.na(a) || a <= 0 || a >= 1) return(c(NA, NA))
  r <- a / (1 - a); up <- function(f) integrate(f, 0, Inf, rel.tol = 1e-12)$value # means r and 1
  q1 <- up(function(y) exp(-2 * y / r) * dexp(y)); q2 <- up(function(x) pexp(x)^2 * dexp(x, 1 / r)); k <- if (mean_of_sizes) rep((n1 + n2) / 2, 2) else c(n1, n2)
  c(a, (a * (1 - a) + (k[1] - 1) * (q1 - a^2) + (k[2] - 1) * (q2 - a^2)) / (n1 * n2))
}
roc <- list(ai = c(.893, .5, .62, .2, .99, 0, 1), n1i = c(51, 20, 7, 33, 60, 12, 9), n2i = c(58, 20, 41, 12, 55, 10, 10))
normal <- function(data, equal) sapply(seq_along(data$m1i), function(i) with(lapply(data, `[`, i), {
  v1 <- sd1i^2; v2 <- sd2i^2; f <- n1i + n2i - 2; if (equal) v1 <- v2 <- ((n1i - 1) * v1 + (n2i - 1) * v2) / f
  S <- diag(c(v1 / n1i + v2 / n2i, if (equal) c(2 * v1^2 / f, 0) else 2 * c(v1, v2)^2 / (c(n1i, n2i) - 1)))
  g <- function(x) pnorm(x[1] / sqrt(x[2] + (if (equal) x[2] else x[3]))); at <- c(m1i - m2i, v1, v2)
  if (anyNA(at) || v1 + v2 == 0) return(c(NA, NA)); d <- grad(g, at); c(g(at), c(d %*% S %*% d)) }))
apart <- list(m1i = c(10, 12, 9), m2i = c(8, 12.5, 4), sd1i = c(3, 2, 1.5), sd2i = c(4, 2.5, 2), n1i = c(20, 8, 40), n2i = c(30, 15, 12))
for (code in c("CLES", "AUC")) {
  for (v in c("LS", "LS2")) { x <- mapply(area, roc$ai, roc$n1i, roc$n2i, v == "LS"); derived(code, roc, x[1, ], x[2, ], if (v == "LS") setNames(list(), character(0)) else list(vtype = v)) }
  for (v in c("LS", "HO")) { x <- normal(apart, v == "HO"); derived(paste0(code, "N"), apart, x[1, ], x[2, ], if (v == "LS") setNames(list(), character(0)) else list(vtype = v)) }
}

cat(toJSON(list(made_by = unbox("validation/escalc_measures.R"), metafor = unbox(as.character(packageVersion("metafor"))), cases = out), digits = I(17), na = "null"))
