# Reference values of individual patients: exact paired tests, standardised change, repeated measures.
# Usage: Rscript validation/patients.R > validation/patients.json   (R 4.2, lme4 1.1, lmerTest 3.1, jsonlite)
suppressMessages({library(jsonlite); library(lme4); library(lmerTest)})
num <- function(x) I(unname(as.numeric(x)))
fin <- function(x) ifelse(is.finite(x), as.numeric(x), NA)
darwin <- c(49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48)
set.seed(4108)
untied <- list(darwin = darwin, five = c(-3.1, -0.4, -2.2, -1.7, -5), six = c(2, -1, 4, 3.3, 7.1, 0.6),
  twenty = round(rnorm(20, 0.4), 6), forty = round(rnorm(40, -0.3, 2), 6), hundred = round(rexp(100) - 0.8, 6))
tied <- list(zeros = c(0, 0, 1, 2, 2, -1, 3, 4, 4, 5, -2), sixty = round(rnorm(60, 0.2), 1), big = round(rnorm(450, 0.05), 3))
sides <- c("two.sided", "greater", "less")
rank <- list()
for (n in names(untied)) for (s in sides) for (a in c(0.05, 0.1)) {
  w <- suppressWarnings(wilcox.test(untied[[n]], exact = TRUE, conf.int = TRUE, conf.level = 1 - a, alternative = s))
  rank <- c(rank, list(list(set = n, x = num(untied[[n]]), alternative = s, alpha = a, exact = TRUE, statistic = num(w$statistic),
    pval = num(w$p.value), estimate = num(w$estimate), ci = fin(w$conf.int))))
}
for (n in names(tied)) for (s in sides) {
  w <- suppressWarnings(wilcox.test(tied[[n]], exact = FALSE, correct = TRUE, alternative = s))
  rank <- c(rank, list(list(set = n, x = num(tied[[n]]), alternative = s, alpha = 0.05, exact = FALSE, statistic = num(w$statistic), pval = num(w$p.value))))
}
coins <- list()
for (b in list(c(9, 1), c(0, 5), c(7, 0), c(4, 4), c(12, 25))) for (s in sides) {
  t <- binom.test(b[1], sum(b), alternative = s)
  coins <- c(coins, list(list(gained = b[1], lost = b[2], alternative = s, pval = num(t$p.value), share = num(t$conf.int))))
}
limit <- function(t, df, p) uniroot(function(nc) pt(t, df, nc) - p, t + c(-30, 30), tol = 1e-13)$root
std <- list()
pairs <- list(sleep = list(before = sleep$extra[1:10], after = sleep$extra[11:20]),
  fall = list(before = c(31, 28, 40, 35, 22, 27), after = c(12, 15, 22, 30, 9, 14)),
  three = list(before = c(5, 9, 6), after = c(4, 7, 5.5)))
for (n in names(pairs)) {
  x <- pairs[[n]]$before; y <- pairs[[n]]$after; d <- y - x; k <- length(d); df <- k - 1
  J <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2); t <- mean(d) / sd(d) * sqrt(k); r <- cor(x, y)
  for (by in c("change", "before")) {
    s <- if (by == "change") sd(d) else sd(x); ratio <- sd(d) / s; g <- J * mean(d) / s
    v <- (if (by == "change") 1 / k else 2 * (1 - r) / k) + g^2 / (2 * k)
    std <- c(std, list(list(set = n, before = num(x), after = num(y), by = by, estimate = num(g), J = num(J), vi = num(v),
      ci = num(ratio / sqrt(k) * c(limit(t, df, 0.975), limit(t, df, 0.025))), lower = num(ratio / sqrt(k) * limit(t, df, 0.95)),
      pval = num(t.test(y, x, paired = TRUE)$p.value))))
  }
}
# ---- repeated measures
set.seed(77)
size <- sample(1:7, 24, TRUE); m <- length(size)
uneven <- data.frame(patient = rep(seq_len(m), size)); k <- nrow(uneven)
uneven$week <- ave(runif(k, 0, 6), uneven$patient, FUN = cumsum); uneven$week <- round(uneven$week, 2)
uneven$age <- rep(round(runif(m, 20, 60)), size)
uneven$y <- round(30 - 0.8 * uneven$week + rep(rnorm(m, 0, 4), size) + rep(rnorm(m, 0, 0.4), size) * uneven$week + rnorm(k, 0, 2), 3)
none <- data.frame(patient = rep(1:12, each = 3), week = rep(0:2, 12)); none$y <- round(5 + none$week + rnorm(36), 3)
none$y <- round(none$y - 0.9 * (ave(none$y, none$patient) - mean(none$y)), 3)
wide <- data.frame(patient = rep(1:9, each = 2), week = rep(0:1, 9)); wide$y <- round(1000 + rep(rnorm(9, 0, 80), each = 2) - 3 * wide$week + rnorm(18, 0, 0.5), 3)
sleeping <- data.frame(patient = as.numeric(sleepstudy$Subject), week = sleepstudy$Days, y = sleepstudy$Reaction)
cases <- list(list(set = "uneven", mods = "~ 1"), list(set = "uneven", mods = "~ week + age"), list(set = "uneven", mods = "~ week", slope = "week"),
  list(set = "none", mods = "~ week"), list(set = "none", mods = "~ 1"), list(set = "wide", mods = "~ week"),
  list(set = "sleeping", mods = "~ week"), list(set = "sleeping", mods = "~ week", slope = "week"))
sets <- list(uneven = uneven, none = none, wide = wide, sleeping = sleeping)
mixed <- list()
for (one in cases) for (REML in c(TRUE, FALSE)) {
  right <- if (is.null(one$slope)) "(1 | patient)" else sprintf("(1 + %s | patient)", one$slope)
  control <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore", optCtrl = list(rhobeg = 0.2, rhoend = 1e-13, maxfun = 1e5))
  fit <- lme4::lmer(as.formula(paste("y", one$mods, "+", right)), sets[[one$set]], REML = REML, control = control)
  mixed <- c(mixed, list(list(set = one$set, mods = one$mods, slope = if (is.null(one$slope)) NA else one$slope, method = if (REML) "REML" else "ML", beta = num(fixef(fit)),
    df = tryCatch(num(coef(summary(as_lmerModLmerTest(fit)))[, "df"]), error = function(e) NULL),
    vb = matrix(as.numeric(vcov(fit)), nrow = length(fixef(fit))), G = matrix(as.numeric(VarCorr(fit)$patient), nrow = 1 + !is.null(one$slope)), sigma2 = num(sigma(fit)^2), ll = num(logLik(fit)))))
}
# before and after in long form, series as random effect of the change: the same as changes within series
set.seed(92)
series <- rep(1:5, c(4, 1, 6, 3, 1)); n <- length(series)
people <- data.frame(series = series, before = round(rnorm(n, 30, 6), 1)); people$after <- round(people$before - 8 + rep(rnorm(5, 0, 5), c(4, 1, 6, 3, 1)) + rnorm(n, 0, 3), 1)
long <- data.frame(y = c(people$before, people$after), time = rep(c(-0.5, 0.5), each = n), patient = rep(seq_len(n), 2), series = rep(series, 2))
tight <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore", optCtrl = list(rhoend = 1e-13, maxfun = 1e5))
full <- lme4::lmer(y ~ time + (1 | patient) + (0 + time | series), long, control = tight)
pooled <- list(people = lapply(people, num), beta = num(fixef(full)[["time"]]), se = num(sqrt(vcov(full)[2, 2])), tau2 = num(VarCorr(full)$series[1]), sigma2 = num(2 * sigma(full)^2))
cases <- data.frame(series = rep(1:8, c(3, 8, 5, 1, 9, 6, 4, 7)))
set.seed(97); cases$event <- rbinom(nrow(cases), 1, plogis(0.4 + rnorm(8, 0, 1.6)[cases$series]))
logit <- glmer(event ~ 1 + (1 | series), cases, family = binomial, nAGQ = 60, control = glmerControl(tolPwrss = 1e-12, optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11)))
events <- list(cases = lapply(cases, num), se = num(sqrt(vcov(logit)[1])), beta = num(fixef(logit)), tau2 = num(VarCorr(logit)$series), ll = num(logLik(logit)))
pooled$events <- events
cat(toJSON(list(source = paste("R", getRversion(), "lme4", packageVersion("lme4")), rank = rank, coins = coins, standardised = std,
  sets = lapply(sets, function(s) lapply(s, num)), mixed = mixed, pooled = pooled), digits = NA, auto_unbox = TRUE, na = "null"), "\n")
