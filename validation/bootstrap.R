# Reference limits of bootstrap intervals, by R's package boot, for replicates listed with them.
# Usage: Rscript validation/bootstrap.R > validation/bootstrap.json   (R 4.2, boot 1.3-28, metafor 3.8-1, jsonlite)
suppressMessages({library(boot); library(jsonlite); library(metafor)})
set.seed(1987)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
pool <- function(data, rows) {
  fit <- rma(yi, vi, data = data[rows, ], method = "DL")
  c(fit$beta, fit$tau2)
}
case <- function(R, level) {
  out <- boot(bcg, pool, R = R)
  cases <- lapply(1:2, function(j) {
    L <- empinf(out, index = j, type = "jack", data = bcg, statistic = pool, stype = "i")
    ci <- boot.ci(out, conf = level, type = c("perc", "basic", "bca"), index = j, L = L)
    list(t0 = out$t0[j], t = out$t[, j], acceleration = sum(L^3) / (6 * sum(L^2)^1.5),
         level = 100 * level, percentile = ci$percent[4:5], basic = ci$basic[4:5],
         bca = ci$bca[4:5])
  })
  list(statistics = cases, rows = boot.array(out, indices = TRUE) - 1)
}
cat(toJSON(list(yi = bcg$yi, vi = bcg$vi, cases = list(case(999, 0.95), case(500, 0.90), case(400, 0.99))),
           digits = NA, auto_unbox = TRUE))
