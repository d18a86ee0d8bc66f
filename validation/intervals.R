# Intervals of tau2 (profile likelihood, generalised Q), prediction intervals, Kenward-Roger tests.
# Usage, in the repository: Rscript validation/intervals.R > validation/intervals.json   (metafor 3.8-1)
suppressMessages({library(jsonlite); library(numDeriv)})
source("validation/farebrother.R")
suppressMessages(library(metafor))

num <- function(x) unname(as.numeric(x))
tight <- list(threshold = 1e-13, maxiter = 10000)
search <- list(tol = 1e-13, maxiter = 10000, tau2.max = 1000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg$x1 <- bcg$ablat; bcg$x2 <- bcg$year - 1960
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
hart <- escalc(measure = "IRR", x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, data = dat.hart1999)
raudenbush <- dat.raudenbush1985; raudenbush$x1 <- raudenbush$weeks; raudenbush$x2 <- as.numeric(raudenbush$setting == "group")
sets <- list(bcg = bcg, normand = normand, hart = hart, hackshaw = dat.hackshaw1998, raudenbush = raudenbush,
             three = bcg[c(1, 3, 4), ], two = bcg[c(4, 6), ], alike = data.frame(yi = c(0.1, 0.2, 0.15, 0.12), vi = c(0.1, 0.2, 0.3, 0.1)))
designs <- list(bcg = list(~ 1, ~ x1, ~ x1 + x2), raudenbush = list(~ 1, ~ x1, ~ x1 + x2))

out <- list(metafor = as.character(packageVersion("metafor")), cases = list())
add <- function(...) out$cases[[length(out$cases) + 1]] <<- list(...)
limits <- function(ci) { r <- ci$random
  list(lb = num(r[, "ci.lb"]), ub = num(r[, "ci.ub"]), low_sign = ci$lb.sign, high_sign = ci$ub.sign) }

generalised_q <- function(y, v, X, a, level, ci) {
  A <- diag(a); P <- A - A %*% X %*% solve(t(X) %*% A %*% X) %*% t(X) %*% A
  Q <- as.numeric(t(y) %*% P %*% y)
  above <- function(t) { S <- diag(sqrt(v + t))
    farebrother(Q, eigen(S %*% P %*% S, symmetric = TRUE)$values[seq_len(length(y) - ncol(X))])$Qq }
  where <- function(near, target) if (near < 1e-8 || above(0) > target) 0 else if (near > 999) NA else
    uniroot(function(t) above(t) - target, near * c(0.8, 1.25), tol = 1e-12)$root
  c(where(ci$lb[1], (100 - level) / 200), where(ci$ub[1], 1 - (100 - level) / 200))
}

# Kenward MG, Roger JH (1997), Biometrics 53, 983-997, with dense matrices: Phi_A of their equation
# for a covariance that is linear in its parameter, W from the expected information, numerical
# derivatives of the inverse covariance, and the approximating F of their section 3.
kenward_roger <- function(y, v, X, tau2, L) {
  inverse <- function(t) solve(diag(v + t))
  S <- diag(v + tau2); k <- length(y)
  D <- matrix(jacobian(function(t) as.vector(inverse(t)), tau2), k)
  Phi <- solve(t(X) %*% inverse(tau2) %*% X)
  P <- t(X) %*% D %*% X
  Q <- t(X) %*% D %*% S %*% D %*% X
  R <- inverse(tau2) - inverse(tau2) %*% X %*% Phi %*% t(X) %*% inverse(tau2)
  W <- 2 / sum(diag(R %*% R))
  PhiA <- Phi + 2 * Phi %*% (W * (Q - P %*% Phi %*% P)) %*% Phi
  beta <- Phi %*% t(X) %*% inverse(tau2) %*% y
  l <- nrow(L)
  Theta <- t(L) %*% solve(L %*% Phi %*% t(L)) %*% L
  M <- Theta %*% Phi %*% P %*% Phi
  A1 <- W * sum(diag(M))^2; A2 <- W * sum(diag(M %*% M)); B <- (A1 + 6 * A2) / (2 * l)
  g <- ((l + 1) * A1 - (l + 4) * A2) / ((l + 2) * A2)
  c1 <- g / (3 * l + 2 * (1 - g)); c2 <- (l - g) / (3 * l + 2 * (1 - g)); c3 <- (l + 2 - g) / (3 * l + 2 * (1 - g))
  E <- 1 / (1 - A2 / l); V <- 2 / l * (1 + c1 * B) / ((1 - c2 * B)^2 * (1 - c3 * B))
  rho <- V / (2 * E^2); m <- 4 + (l + 2) / (l * rho - 1); lambda <- m / (E * (m - 2))
  F <- lambda / l * as.numeric(t(L %*% beta) %*% solve(L %*% PhiA %*% t(L)) %*% (L %*% beta))
  list(se = sqrt(diag(PhiA)), F = F, df1 = l, df2 = m, p = pf(F, l, m, lower.tail = FALSE))
}

for (name in names(sets)) { d <- sets[[name]]
  for (m in if (is.null(designs[[name]])) list(~ 1) else designs[[name]]) {
    text <- gsub(" ", "", deparse(m))
    for (method in c("ML", "REML")) { x <- rma(yi, vi, mods = m, data = d, method = method, control = tight)
      ci <- tryCatch(limits(confint(x, type = "PL", control = search)), error = function(e) list(error = conditionMessage(e)))
      add(fn = "PL", set = name, mods = text, method = method, tau2 = x$tau2, result = ci) }
    for (weights in c("1/vi", "1", "1/sqrt(vi)")) {
      d$w <- eval(parse(text = weights), d) * rep(1, nrow(d))
      x <- rma(yi, vi, mods = m, data = d, method = "GENQ", weights = w)
      for (level in c(95, 80)) { ci <- limits(confint(x, level = level, control = search))
        # metafor's own root search stops at 1e-4 here, whatever its control says
        settled <- generalised_q(x$yi, x$vi, model.matrix(x), d$w, level, ci)
        add(fn = "GENQ", set = name, mods = text, weights = weights, level = level, tau2 = x$tau2, result = ci, settled = settled) } }
    for (test in c("z", "t", "knha")) for (pi in c("default", "riley", "t")) {
      x <- rma(yi, vi, mods = m, data = d, test = test, control = tight)
      if (x$k - x$p < 2 && pi == "riley") next
      p <- predict(x, pi.type = pi)
      add(fn = "predict", set = name, mods = text, test = test, pi = pi, result = list(lb = num(p$pi.lb), ub = num(p$pi.ub))) }
    x <- rma(yi, vi, mods = m, data = d, control = tight)
    X <- model.matrix(x); rows <- diag(ncol(X))
    each <- lapply(seq_len(ncol(X)), function(j) kenward_roger(x$yi, x$vi, X, x$tau2, rows[j, , drop = FALSE]))
    whole <- kenward_roger(x$yi, x$vi, X, x$tau2, if (ncol(X) > 1) rows[-1, , drop = FALSE] else rows)
    add(fn = "KR", set = name, mods = text, tau2 = x$tau2, result = list(se = each[[1]]$se, df = sapply(each, `[[`, "df2"),
        p = sapply(each, `[[`, "p"), QM = whole$F, QMdf = c(whole$df1, whole$df2), QMp = whole$p))
  } }
out$data <- lapply(sets, function(d) { keep <- intersect(c("yi", "vi", "x1", "x2"), names(d)); lapply(unclass(d)[keep], num) })
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "\n")
