# Profiles of the restricted log-likelihood of a multilevel model, by metafor 3.8.
# Usage: Rscript validation/profiles.R > validation/profiles.json
suppressMessages(library(metafor))
suppressMessages(library(jsonlite))
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
dat$team <- c("Aronson", "Ferguson", "Rosenthal", "Hart", "Frimodt-Moller", "Aronson", "Vandiviere",
              "Madras", "Coetzee", "Rosenthal", "Comstock", "Comstock", "Comstock")
fit <- rma.mv(yi, vi, random = ~ 1 | team/trial, data = dat)
rows <- list()
for (s in 1:2) for (value in c(0.05, 0.2, 0.34, 0.8)) {
  found <- profile(fit, sigma2 = s, xlim = c(value, value + 1), steps = 2, plot = FALSE, progbar = FALSE)
  rows[[length(rows) + 1]] <- list(component = s - 1, value = value, ll = found$ll[1])
}
cat(toJSON(list(yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), team = dat$team, ll = as.numeric(logLik(fit)), rows = rows),
           auto_unbox = TRUE, digits = NA))
