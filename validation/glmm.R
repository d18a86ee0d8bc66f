#!/usr/bin/env Rscript
# Generalised linear mixed models: rma.glmm where the shared reference has none (moderators, sparse
# tables), and exact log-likelihoods at given parameters by R's own integrate().
#   Rscript validation/glmm.R > validation/glmm.json
suppressMessages({library(metafor); library(jsonlite)})
set <- list(
  bcg = list(ai = dat.bcg$tpos, bi = dat.bcg$tneg, ci = dat.bcg$cpos, di = dat.bcg$cneg),
  sparse = list(ai = c(0, 2, 1, 0, 3, 5, 0, 1), bi = c(40, 58, 29, 35, 77, 95, 60, 44), ci = c(2, 5, 0, 1, 9, 6, 3, 4), di = c(38, 55, 31, 34, 70, 94, 59, 41)),
  rates = with(dat.nielweise2008, list(x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i)),
  one = list(xi = c(8, 3, 12, 5, 0, 9), ni = c(20, 25, 18, 22, 15, 30)),
  one_rate = list(xi = c(3, 8, 0, 12, 5), ti = c(30.5, 80, 20, 99, 41)))
fits <- list()
fit <- function(name, measure, model = NULL, mods = NULL, method = "ML", test = "z") {
  args <- c(list(measure = measure, method = method, test = test), if (!is.null(model)) list(model = model), if (!is.null(mods)) list(mods = mods), set[[name]])
  r <- tryCatch(suppressWarnings(suppressMessages(do.call(rma.glmm, args))), error = function(e) list(error = conditionMessage(e)))
  if (!is.null(r$error)) { fits[[length(fits) + 1]] <<- list(set = unbox(name), measure = unbox(measure), model = unbox(model), mods = mods, method = unbox(method), test = unbox(test), error = unbox(r$error)); return(invisible()) }
  fits[[length(fits) + 1]] <<- list(set = unbox(name), measure = unbox(measure), model = unbox(model), mods = mods, method = unbox(method), test = unbox(test), beta = c(r$beta), se = r$se, pval = r$pval, tau2 = r$tau2,
    I2 = r$I2, QE_Wld = r$QE.Wld, QE_LRT = r$QE.LRT, QM = r$QM, QMp = r$QMp, k = unbox(r$k), ll = r$fit.stats["ll", "ML"], AIC = r$fit.stats["AIC", "ML"], BIC = r$fit.stats["BIC", "ML"], AICc = r$fit.stats["AICc", "ML"])
}
abl <- dat.bcg$ablat - 33
for (m in c("UM.FS", "CM.AL")) { fit("bcg", "OR", m, abl); fit("bcg", "OR", m, abl, test = "t"); fit("bcg", "OR", m, abl, method = "EE") }
for (m in c("UM.FS", "CM.AL", "CM.EL")) { fit("sparse", "OR", m); fit("sparse", "OR", m, method = "EE") }
for (m in c("UM.FS", "CM.EL")) fit("rates", "IRR", m, method = "EE")
fit("one", "PLO"); fit("one", "PLO", mods = c(1, 2, 3, 4, 5, 6) - 3.5); fit("one_rate", "IRLN"); fit("one_rate", "IRLN", method = "EE")

exact <- list()
ll <- function(f, k, mu, tau) sum(sapply(1:k, function(i) { # integrate around the mode, on a scale that suits
  g <- function(u) sapply(u, function(x) f(i, mu + tau * x) + dnorm(x, log = TRUE)); top <- optimize(g, c(-12, 12), maximum = TRUE, tol = 1e-10)
  top$objective + log(integrate(function(u) exp(g(u) - top$objective), top$maximum - 12, top$maximum + 12, rel.tol = 1e-11, subdivisions = 2000)$value) }))
at <- function(name, measure, model, f, k, mu, tau) exact[[length(exact) + 1]] <<- list(set = unbox(name), measure = unbox(measure), model = unbox(model), mu = unbox(mu), tau = unbox(tau), ll = unbox(ll(f, k, mu, tau)))
d <- set$sparse; b <- set$bcg; n <- set$one; r <- set$one_rate; q <- set$rates
central <- function(d) function(i, th) { m <- d$ai[i] + d$ci[i]; n1 <- d$ai[i] + d$bi[i]; n2 <- d$ci[i] + d$di[i]; x <- max(0, m - n2):min(n1, m); l <- lchoose(n1, x) + lchoose(n2, m - x) + x * th; l[x == d$ai[i]] - max(l) - log(sum(exp(l - max(l)))) }
approx <- function(d) function(i, th) dbinom(d$ai[i], d$ai[i] + d$ci[i], plogis(th + log((d$ai[i] + d$bi[i]) / (d$ci[i] + d$di[i]))), log = TRUE)
for (mt in list(c(-.5, .3), c(0, 1.2), c(-1.5, 2.5))) {
  at("sparse", "OR", "CM.EL", central(d), 8, mt[1], mt[2]); at("bcg", "OR", "CM.EL", central(b), 13, mt[1], mt[2]); at("sparse", "OR", "CM.AL", approx(d), 8, mt[1], mt[2])
  at("one", "PLO", "UM.FS", function(i, th) dbinom(n$xi[i], n$ni[i], plogis(th), log = TRUE), 6, mt[1], mt[2])
  at("one_rate", "IRLN", "UM.FS", function(i, th) dpois(r$xi[i], r$ti[i] * exp(th), log = TRUE), 5, mt[1], mt[2])
  at("rates", "IRR", "CM.EL", function(i, th) dbinom(q$x1i[i], q$x1i[i] + q$x2i[i], plogis(th + log(q$t1i[i] / q$t2i[i])), log = TRUE), 9, mt[1], mt[2])
}
# correlated effects (UM.RS, cor = TRUE): metafor, lme4 directly (Laplace), and double integrals
correlated <- list()
co <- function(name, measure, coding) {
  r <- suppressWarnings(do.call(rma.glmm, c(list(measure = measure, model = "UM.RS", cor = TRUE, coding = coding), set[[name]])))
  correlated[[length(correlated) + 1]] <<- list(set = unbox(name), measure = unbox(measure), coding = unbox(coding), beta = c(r$beta), se = r$se, tau2 = r$tau2, sigma2 = r$sigma2, rho = r$rho, ll = r$fit.stats["ll", "ML"], dev = r$fit.stats["dev", "ML"])
}
for (o in c(.5, 1, 0)) co("bcg", "OR", o)
for (o in c(.5, 1)) co("rates", "IRR", o)
suppressMessages(library(lme4))
long <- with(set$bcg, data.frame(y = c(ai, ci), m = c(bi, di), study = factor(rep(1:13, 2)), arm = rep(c(.5, -.5), each = 13)))
g <- glmer(cbind(y, m) ~ arm + (1 + arm | study), data = long, family = binomial, control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
v <- VarCorr(g)$study
by_lme4 <- list(beta = fixef(g)[["arm"]], level = fixef(g)[["(Intercept)"]], ll = as.numeric(logLik(g)), df = attr(logLik(g), "df"), sigma2 = v[1, 1], tau2 = v[2, 2], rho = attr(v, "correlation")[1, 2])
# the Laplace approximation itself at lme4's parameters: its own figure is a little lower
laplace <- function(f, k, s, c, l) sum(sapply(1:k, function(i) {
  h <- function(x) -f(i, s * x[1], c * x[1] + l * x[2]) + sum(x^2) / 2
  m <- nlminb(optim(c(0, 0), h)$par, h, control = list(rel.tol = 1e-15, x.tol = 1e-12))$par
  -h(m) - log(det(numDeriv::hessian(h, m))) / 2 }))
u <- seq(-12, 12, by = .04) # the trapezium rule: exact to rounding for smooth functions that die out
two <- function(f, k, s, c, l) sum(sapply(1:k, function(i) log(sum(outer(u, u, function(a, b) exp(f(i, s * a, c * a + l * b) + dnorm(a, log = TRUE) + dnorm(b, log = TRUE)))) * .04^2)))
arms <- function(d, b0, mu) function(i, level, effect) dbinom(d$ai[i], d$ai[i] + d$bi[i], plogis(b0 + level + (mu + effect) / 2), log = TRUE) + dbinom(d$ci[i], d$ci[i] + d$di[i], plogis(b0 + level - (mu + effect) / 2), log = TRUE)
by_lme4$laplace <- with(by_lme4, laplace(arms(set$bcg, level, beta), 13, sqrt(sigma2), rho * sqrt(tau2), sqrt(tau2 * (1 - rho^2))))
exact_two <- lapply(list(c(-3, -.5, .6, .3, .4), c(-2.5, -1, 1.1, -.8, .5)), function(p) list(b = p[1:2], lam = p[3:5], ll = unbox(two(arms(d, p[1], p[2]), 8, p[3], p[4], p[5]))))
cat(toJSON(list(made_by = unbox("validation/glmm.R"), metafor = unbox(as.character(packageVersion("metafor"))), sets = set, fits = fits, exact = exact, correlated = correlated, lme4 = by_lme4, exact_two = exact_two), digits = I(15), na = "null"))
