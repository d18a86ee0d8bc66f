# Reference values of the limit meta-analysis (Ruecker et al. 2011), by R's own lm() from the
# formulas of the paper, and of p-uniform* (van Aert & van Assen 2021), by optim(), optimize() and
# uniroot() on dnorm() and pnorm(). Neither metasens nor puniform is in Debian.
# Usage: Rscript validation/bias.R > validation/bias.json
suppressMessages({library(metafor); library(jsonlite)})
limit <- function(d, method) {
  m <- rma(yi, vi, data = d, method = method, control = list(threshold = 1e-12, maxiter = 1000))
  y <- as.numeric(d$yi); s <- sqrt(as.numeric(d$vi)); t <- sqrt(s^2 + m$tau2)
  r <- lm(I(y / t) ~ I(1 / t)); a <- coef(r)[[1]]; b <- coef(r)[[2]]
  lim <- b + sqrt(m$tau2) * (y - b) / t
  l <- lm(I(lim / s) ~ I(1 / s)); q <- lm(I(y / s) ~ I(1 / s))
  list(method = method, tau2 = m$tau2, intercept = a, slope = b, limits = lim,
       beta0 = c(b + sqrt(m$tau2) * a, summary(r)$coefficients[2, 2] / summary(r)$sigma),
       betalim = c(coef(l)[[2]], summary(l)$coefficients[2, 2] / summary(l)$sigma),
       mulim = unname(c(coef(lm(I(lim / s) ~ 0 + I(1 / s))), 1 / sqrt(sum(1 / s^2)))),
       G2 = 100 * (1 - summary(l)$r.squared), Q = rma(yi, vi, data = d, method = "FE")$QE,
       Q_rest = deviance(q))
}
uniform <- function(y, v, step = 0.025) {
  cut <- qnorm(step, lower.tail = FALSE) * sqrt(v); sig <- y >= cut
  ll <- function(mu, tau2) {
    s <- sqrt(v + tau2)
    sum(dnorm(y, mu, s, log = TRUE) - ifelse(sig, pnorm(cut, mu, s, lower.tail = FALSE, log.p = TRUE),
                                             pnorm(cut, mu, s, log.p = TRUE)))
  }
  low <- function(f, a, b) { # the best of several stretches, then the edge
    e <- c(0, 10^seq(-6, log10(b), length.out = 25)); if (a < 0) e <- seq(a, b, length.out = 60)
    best <- max(sapply(seq_len(length(e) - 1), function(i) optimize(f, e[i + 0:1], maximum = TRUE, tol = 1e-12)$objective))
    max(best, f(e[1]))
  }
  of_mu <- function(mu) low(function(t) ll(mu, t), 0, 20 * var(y) + max(v))
  of_tau2 <- function(t) low(function(mu) ll(mu, t), -6 * (max(abs(y)) + 1), 6 * (max(abs(y)) + 1))
  e <- seq(-4, 4, length.out = 40) * sd(y) + mean(y)
  tops <- lapply(seq_len(length(e) - 1), function(i) optimize(of_mu, e[i + 0:1], maximum = TRUE, tol = 1e-10))
  top <- tops[[which.max(sapply(tops, function(x) x$objective))]]
  mu <- top$maximum; best <- top$objective
  fine <- optim(c(mu, 0.05), function(p) -ll(p[1], p[2]), method = "L-BFGS-B", lower = c(-Inf, 0), control = list(factr = 10))
  best <- max(best, -fine$value); tau2 <- fine$par[2]
  drop <- qchisq(0.95, 1) / 2
  root <- function(f, a, b) tryCatch(uniroot(function(x) f(x) - best + drop, c(a, b), tol = 1e-10)$root, error = function(e) NA)
  re <- rma(y, v, method = "PM", control = list(tol = 1e-14, maxiter = 1000))
  list(yi = y, vi = v, ll = best, beta = fine$par[1], tau2 = tau2, ci_lb = root(of_mu, mu - 6 * sd(y), mu),
       ci_ub = root(of_mu, mu, mu + 6 * sd(y)), tau2_ub = root(of_tau2, tau2, 10 * var(y)),
       tau2_lb = if (tau2 > 1e-8 && of_tau2(0) < best - drop) root(of_tau2, 0, tau2) else 0,
       LRT = 2 * (best - of_mu(0)), LRT_tau2 = 2 * (best - of_tau2(0)),
       LRT_bias = 2 * (best - ll(c(re$beta), re$tau2)), k_significant = sum(sig))
}
sets <- list(
  bcg = escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  hackshaw = dat.hackshaw1998[c("yi", "vi")], raudenbush = dat.raudenbush1985[c("yi", "vi")])
out <- lapply(sets, function(d) list(
  yi = as.numeric(d$yi), vi = as.numeric(d$vi), limit = list(limit(d, "REML"), limit(d, "DL"))))
out$bcg$uniform <- uniform(-out$bcg$yi, out$bcg$vi)
out$hackshaw$uniform <- uniform(out$hackshaw$yi, out$hackshaw$vi)
out$raudenbush$uniform <- uniform(out$raudenbush$yi, out$raudenbush$vi)
out$hackshaw$uniform_10 <- uniform(out$hackshaw$yi, out$hackshaw$vi, 0.1)
cat(toJSON(out, digits = NA, auto_unbox = TRUE), "\n")
