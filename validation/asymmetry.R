# Reference values of the named asymmetry tests, by R's own lm() on the tables of dat.bcg (and a set
# of mean differences): Harbord, Peters, Macaskill, Deeks, Thompson, Pustejovsky; and metafor's fsn
# and tes in their other forms. Usage: Rscript validation/asymmetry.R > validation/asymmetry.json
suppressMessages({library(metafor); library(jsonlite)})
d <- escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
one <- function(m, slope = 2) { s <- summary(m)$coefficients; list(slope = s[slope, 1], se = s[slope, 2], stat = s[slope, 3], pval = s[slope, 4], limit = s[1, 1], dfs = m$df.residual) }
a <- as.numeric(d$tpos); b <- as.numeric(d$tneg); cc <- as.numeric(d$cpos); dd <- as.numeric(d$cneg); n <- a + b + cc + dd
E <- (a + b) * (a + cc) / n; V <- (a + b) * (cc + dd) * (a + cc) * (b + dd) / (n^2 * (n - 1))
w <- (a + cc) * (b + dd) / n; ess <- 4 * (a + b) * (cc + dd) / n
mm <- rma(yi, vi, mods = ~ sqrt(vi), data = d, method = "DL")
out <- list(tables = list(ai = a, bi = b, ci = cc, di = dd), OR = list(
  Egger = one(lm(yi ~ sqrt(vi), weights = 1 / vi, data = d)),
  Harbord = one(lm(I((a - E) / V) ~ I(1 / sqrt(V)), weights = V)),
  Peters = one(lm(d$yi ~ I(1 / n), weights = w)),
  Macaskill = one(lm(d$yi ~ n, weights = w)),
  Deeks = one(lm(d$yi ~ I(1 / sqrt(ess)), weights = ess)),
  Thompson = one(lm(yi ~ sqrt(vi), weights = 1 / (vi + mm$tau2), data = d))))
s <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
p <- 1 / s$n1i + 1 / s$n2i
out$means <- lapply(as.list(s)[c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")], as.numeric)
out$SMD <- list(Pustejovsky = one(lm(s$yi ~ sqrt(p), weights = 1 / p)))
f <- function(x) list(fsnum = x$fsnum, average = x$meanes)
out$fsn <- list(orwin_weighted = f(fsn(d$yi, d$vi, type = "Orwin", weighted = TRUE)), orwin_target = f(fsn(d$yi, d$vi, type = "Orwin", target = -0.1)), rosenthal_01 = f(fsn(d$yi, d$vi, alpha = .01)), rosenberg_01 = f(fsn(d$yi, d$vi, type = "Rosenberg", alpha = .01)))
t <- function(x) list(O = x$O, E = x$E, pval = x$pval)
out$tes <- list(chi2 = t(tes(d$yi, d$vi, test = "chi2")), binom = t(tes(d$yi, d$vi, test = "binom")), exact = t(tes(d$yi, d$vi, test = "exact")), theta = t(tes(d$yi, d$vi, theta = -0.3, test = "exact")))
cat(toJSON(out, digits = NA, auto_unbox = TRUE), "\n")
