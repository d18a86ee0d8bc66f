# Predictions of location-scale models: metafor 3.8.
# Run: Rscript validation/location_scale_predict.R > validation/location_scale_predict.json
suppressMessages({library(metafor); library(jsonlite)})
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
dat$when <- dat$year - 1966
show <- function(p) lapply(unclass(p)[intersect(c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub"), names(p))], as.numeric)
one <- function(mods, scale, link, test) {
  x <- rma(yi, vi, mods = as.formula(mods), scale = as.formula(scale), link = link, test = test, data = dat)
  alone <- mods == "~ 1"
  list(mods = mods, scale = scale, link = link, test = test,
       fitted = show(predict(x)), new = show(predict(x, newmods = if (alone) 1 else 30, newscale = -6)),
       log = show(predict(x, newscale = c(-6, 4))))
}
cases <- list(one("~ ablat", "~ when", "log", "z"), one("~ ablat", "~ when", "log", "t"), one("~ 1", "~ when", "log", "z"), one("~ 1", "~ ablat", "identity", "z"))
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), yi = c(dat$yi), vi = c(dat$vi), ablat = dat$ablat, when = dat$when, cases = cases), digits = NA, auto_unbox = TRUE, na = "null"))
