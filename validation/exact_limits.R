#!/usr/bin/env Rscript
# Exact limits by base R (binom.test, poisson.test), and metafor's inverse Freeman-Tukey.
#   Rscript validation/exact_limits.R > tests/fixtures/reference/exact_limits.json
suppressMessages({library(metafor); library(jsonlite)})
grid <- expand.grid(x = c(0, 1, 3, 10, 47), n = c(10, 50, 1000), level = c(90, 95, 99))
grid <- grid[grid$x <= grid$n, ]
two <- mapply(function(x, n, l) binom.test(x, n, conf.level = l / 100)$conf.int, grid$x, grid$n, grid$level)
one <- mapply(function(x, n, l) binom.test(x, n, alternative = "less", conf.level = l / 100)$conf.int[2], grid$x, grid$n, grid$level)
rate2 <- mapply(function(x, n, l) poisson.test(x, n, conf.level = l / 100)$conf.int, grid$x, grid$n, grid$level)
rate1 <- mapply(function(x, n, l) poisson.test(x, n, alternative = "less", conf.level = l / 100)$conf.int[2], grid$x, grid$n, grid$level)
ft <- expand.grid(y = seq(0.02, 1.55, by = 0.09), n = c(5, 12.5, 300))
ft$p <- mapply(function(y, n) transf.ipft(y, n), ft$y, ft$n)
cat(toJSON(list(made_by = unbox("validation/exact_limits.R"), R = unbox(R.version.string),
  binomial = c(as.list(grid), list(lower = two[1, ], upper = two[2, ], upper_one_sided = one)),
  poisson = c(as.list(grid), list(lower = rate2[1, ], upper = rate2[2, ], upper_one_sided = rate1)),
  ift = as.list(ft)), digits = I(17), na = "null"))
