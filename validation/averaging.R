# Model averages over moderators, by metafor's ML fits and the formulas of Burnham & Anderson (2002).
# Usage: Rscript validation/averaging.R > validation/averaging.json   (metafor 3.8-1)
suppressMessages({library(metafor); library(jsonlite)})
tight <- list(threshold = 1e-13, maxiter = 10000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg$lat <- bcg$ablat - 30; bcg$when <- bcg$year - 1960
all <- list(~ 1, ~ lat, ~ when, ~ alloc, ~ lat + when, ~ lat + alloc, ~ when + alloc, ~ lat + when + alloc)
names <- c("intrcpt", "lat", "when", "allocrandom", "allocsystematic")
average <- function(methods, criterion) {
  fits <- unlist(lapply(all, function(m) lapply(methods, function(method)
    rma(yi, vi, mods = m, data = bcg, method = method, control = tight))), recursive = FALSE)
  ic <- sapply(fits, function(x) fitstats(x)[c(AIC = 3, BIC = 4, AICc = 5)[criterion], 1])
  w <- exp(-(ic - min(ic)) / 2); w <- w / sum(w)
  full <- function(values, x) { out <- setNames(rep(0, length(names)), names); out[rownames(x$beta)] <- values; out }
  b <- sapply(fits, function(x) full(x$beta, x)); v <- sapply(fits, function(x) full(x$se^2, x)); has <- sapply(fits, function(x) full(1, x))
  mean <- as.vector(b %*% w)
  list(methods = methods, criterion = criterion, estimate = mean, se = sqrt(as.vector((v + (b - mean)^2) %*% w)),
       importance = as.vector(has %*% w), weights = sort(w, decreasing = TRUE))
}
out <- list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi), lat = bcg$lat, when = bcg$when, alloc = bcg$alloc, cases = list())
for (criterion in c("AIC", "BIC", "AICc")) {
  out$cases <- c(out$cases, list(average(I("ML"), criterion), average(c("ML", "FE"), criterion)))
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE), "\n")
