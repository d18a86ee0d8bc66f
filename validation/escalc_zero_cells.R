#!/usr/bin/env Rscript
# What metafor does with zero cells: every 2x2, proportion and rate measure, on a grid of sparse
# tables, for every `to`, two values of `add`, `drop00` both ways, and the call's own defaults.
#   Rscript validation/escalc_zero_cells.R > tests/fixtures/reference/zero_cells.json
suppressMessages({library(metafor); library(jsonlite)})

two_by_two <- expand.grid(ai = c(0, 3, 10), ci = c(0, 2, 12))
two_by_two <- cbind(two_by_two, n1i = 10, n2i = 12)
two_by_two <- rbind(two_by_two, data.frame(ai = c(5, NA, 0), ci = c(7, 0, NA), n1i = c(31, 20, 20), n2i = c(29, 20, 20)))
two_by_two <- transform(two_by_two, bi = n1i - ai, di = n2i - ci)
no_zeros <- data.frame(ai = c(4, 6), bi = c(119, 300), ci = c(11, 29), di = c(128, 274))
one <- data.frame(xi = c(0, 0, 4, 9, 9, 1, NA), ni = c(9, 250, 9, 9, 9, 60, 10)); one$mi <- one$ni - one$xi
rate <- data.frame(xi = c(0, 3, 12, NA), ti = c(120.5, 80, 33, 10))
rates <- data.frame(x1i = c(0, 0, 4, 7, NA), t1i = c(110, 95.5, 201, 88, 20), x2i = c(0, 5, 0, 11, 0), t2i = c(105, 99, 180.25, 91, 20))

sets <- list(
  list(codes = c("RR", "OR", "RD", "AS", "PETO"), data = two_by_two[c("ai", "bi", "ci", "di")], drops = c(FALSE, TRUE)),
  list(codes = c("RR", "OR", "RD", "AS", "PETO"), data = no_zeros, drops = FALSE),
  list(codes = c("PHI", "YUQ", "YUY", "PBIT", "OR2D", "OR2DN", "OR2DL"), data = two_by_two[c("ai", "bi", "ci", "di")], drops = c(FALSE, TRUE)),
  list(codes = c("MPRR", "MPOR", "MPRD", "MPORC", "MPPETO"), data = two_by_two[c("ai", "bi", "ci", "di")], drops = FALSE),
  list(codes = "MPORM", data = cbind(two_by_two[c("ai", "bi", "ci", "di")], ri = 0.01), drops = c(FALSE, TRUE)),
  list(codes = "REH", data = two_by_two[c("ai", "bi", "ci")], drops = FALSE),
  list(codes = c("PR", "PLN", "PLO", "PAS", "PFT"), data = one[c("xi", "mi")], drops = FALSE),
  list(codes = c("IR", "IRLN", "IRS", "IRFT"), data = rate, drops = FALSE),
  list(codes = c("IRR", "IRD", "IRSD"), data = rates, drops = c(FALSE, TRUE)))

out <- list()
record <- function(code, data, opts) {
  asked <- if (length(opts)) lapply(opts, unbox) else setNames(list(), character(0))
  r <- suppressWarnings(do.call(escalc, c(list(measure = code), as.list(data), opts)))
  out[[length(out) + 1]] <<- list(measure = unbox(code), opts = asked, data = as.list(data), yi = as.numeric(r$yi), vi = as.numeric(r$vi))
}
for (s in sets) for (code in s$codes) {
  for (drop in s$drops) record(code, s$data, if (drop) list(drop00 = TRUE) else list())
  for (to in c("only0", "all", "if0all", "none")) for (add in c(0.5, 0.1)) for (drop in s$drops)
    record(code, s$data, list(add = add, to = to, drop00 = drop))
  record(code, s$data, list(add = 0.5)); record(code, s$data, list(to = "all"))
}
cat(toJSON(list(made_by = unbox("validation/escalc_zero_cells.R"), metafor = unbox(as.character(packageVersion("metafor"))), cases = out), digits = I(17), na = "null"))
