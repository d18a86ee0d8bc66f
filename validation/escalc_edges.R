#!/usr/bin/env Rscript
# Corners of metafor's escalc that the shared reference does not reach.
#   Rscript validation/escalc_edges.R > tests/fixtures/reference/escalc_edges.json
suppressMessages({library(metafor); library(jsonlite)})
out <- list()
record <- function(id, measure, data, opts = setNames(list(), character(0))) {
  r <- suppressWarnings(do.call(escalc, c(list(measure = measure), data, opts)))
  out[[length(out) + 1]] <<- list(id = unbox(id), measure = unbox(measure), opts = lapply(opts, unbox), data = data, yi = as.numeric(r$yi), vi = as.numeric(r$vi))
}
r <- list(ri = c(.3, .5, -.2, 0, NA), ni = c(10, 30, 25, 8, 12))
record("COR-AV", "COR", r, list(vtype = "AV")); record("COR", "COR", r); record("ZCOR", "ZCOR", r)
record("COR-tiny", "COR", list(ri = c(.3, 1, -1), ni = c(3, 30, 4)))
record("COR-two-people", "COR", list(ri = c(.3, .3), ni = c(2, 1)))
m <- list(m1i = c(1, 1, 1, 1, 5), m2i = c(0, 0, 0, 0, 5.5), sd1i = c(1, 1, 1, 1, 2), sd2i = rep(1.5, 5), n1i = c(2, 1, 2, 3, 50), n2i = c(1, 1, 2, 3, 70))
for (v in c("LS", "LS2", "UB", "AV")) record(paste0("SMD-tiny-", v), "SMD", m, list(vtype = v))
for (v in c("LS", "HO")) record(paste0("MD-tiny-", v), "MD", m, list(vtype = v))
neg <- list(m1i = c(-4, -5, 3), m2i = c(-2, -6, 4), sd1i = c(1, 2, 0), sd2i = c(1, 1, 1), n1i = c(9, 9, 9), n2i = c(5, 6, 7))
for (v in c("LS", "HO", "AV")) record(paste0("ROM-negative-", v), "ROM", neg, list(vtype = v))
p <- list(m1i = c(5, 6, 7), m2i = c(3, 4, 9), sd1i = c(1, 2, 2), sd2i = c(1.5, 1.2, 2), ni = c(10, 2, 40), ri = c(.3, .6, -.9))
for (code in c("MC", "SMCC", "SMCR")) record(code, code, p)
two <- function(ai, bi, ci, di) list(ai = ai, bi = bi, ci = ci, di = di)
for (code in c("RR", "OR", "RD", "AS", "PETO")) {
  record(paste0(code, "-if0all-zero-in-incomplete-row"), code, two(c(3, NA), c(4, 5), c(2, 0), c(4, 4)), list(to = "if0all"))
  record(paste0(code, "-if0all-only-zero-row-dropped"), code, two(c(3, 0), c(4, 5), c(2, 0), c(4, 4)), list(to = "if0all", drop00 = TRUE))
  record(paste0(code, "-no-zeros-if0all"), code, two(c(3, 8), c(4, 5), c(2, 7), c(4, 4)), list(to = "if0all"))
}
record("PLO-if0all-zero-in-incomplete-row", "PLO", list(xi = c(0, 3), mi = c(NA, 4)), list(to = "if0all"))
record("GEN-sei", "GEN", list(yi = c(.1, -2), sei = c(.3, 0)))
cat(toJSON(list(made_by = unbox("validation/escalc_edges.R"), metafor = unbox(as.character(packageVersion("metafor"))), cases = out), digits = I(17), na = "null"))
