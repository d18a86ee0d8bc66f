#!/usr/bin/env Rscript
# Covariances of dependent estimates, their aggregation, and transformations: metafor's results.
#   Rscript validation/conversions.R > validation/conversions.json
suppressMessages({library(metafor); library(jsonlite)})
out <- list(vcalc = list(), aggregate = list(), transf = list())
v <- c(.1, .2, .3, .4, .25, .15); cl <- c(1, 1, 1, 1, 2, 2)
V <- function(args) { r <- suppressWarnings(do.call(vcalc, c(list(vi = v, cluster = cl), args)))
  out$vcalc[[length(out$vcalc) + 1]] <<- list(args = lapply(args, function(x) if (length(x) == 1) unbox(x) else x), V = unname(r)) }
V(list(grp1 = c(1, 2, 1, 4, 1, 2), grp2 = c(3, 3, 2, 1, 3, 3)))
V(list(grp1 = c(1, 2, 1, 4, 1, 2), grp2 = c(3, 3, 2, 1, 3, 3), w1 = c(10, 20, 10, 40, 5, 6), w2 = c(30, 30, 20, 10, 7, 7)))
V(list(grp1 = rep(1, 6), grp2 = rep(1, 6), time1 = c(2, 3, 4, 3, 2, 3), time2 = c(1, 1, 1, 2, 1, 1), phi = .9))
V(list(grp1 = c(1, 2, 1, 1, 1, 1), grp2 = c(3, 3, 1, 3, 2, 2), time1 = c(1, 1, 2, 2, 1, 2), time2 = c(1, 1, 1, 2, 1, 2), phi = .8))
V(list(obs = c(1, 2, 3, 4, 1, 2), rho = .6)); V(list(type = c(1, 2, 1, 2, 1, 2), rho = .3))
V(list(obs = c(1, 2, 1, 2, 1, 1), time1 = c(1, 1, 2, 3, 1, 2), rho = .6, phi = .8))
V(list(type = c(1, 1, 2, 2, 1, 2), obs = c(1, 2, 1, 2, 1, 1), rho = c(.6, .4)))
V(list(type = c(1, 1, 2, 3, 1, 2), obs = c(1, 2, 1, 1, 1, 1), rho = c(.6, .4)))
V(list(type = c(1, 2, 1, 2, 1, 2), grp1 = c(1, 1, 2, 2, 1, 1), grp2 = rep(3, 6), rho = .5))
V(list(subgroup = c(1, 1, 2, 2, 1, 1), obs = c(1, 2, 1, 2, 1, 2), rho = .5)); V(list(time1 = c(1, 2, 4, 8, 1, 3), phi = .7))
es <- escalc(measure = "GEN", yi = c(.1, .4, -.2, .3, .25, .9), vi = v)
A <- function(args) { r <- do.call(aggregate, c(list(es, cluster = cl), args))
  out$aggregate[[length(out$aggregate) + 1]] <<- list(args = lapply(args, function(x) if (length(x) == 1) unbox(x) else x), yi = as.numeric(r$yi), vi = as.numeric(r$vi)) }
for (w in c(TRUE, FALSE)) {
  A(list(struct = "ID", weighted = w)); A(list(struct = "CS", rho = .6, weighted = w)); A(list(struct = "CAR", phi = .7, time = c(1, 2, 3, 5, 1, 4), weighted = w))
  A(list(struct = "CS+CAR", rho = .4, phi = .7, time = c(1, 2, 3, 5, 1, 4), weighted = w))
  A(list(struct = "CS*CAR", rho = .4, phi = .7, time = c(1, 1, 2, 2, 1, 4), obs = c(1, 2, 1, 2, 1, 1), weighted = w))
}
T <- function(name, x, r, more = setNames(list(), character(0))) out$transf[[length(out$transf) + 1]] <<- list(name = unbox(name), x = x, more = lapply(more, unbox), result = r)
p <- c(.05, .3, .5, .97); d <- c(-1.2, 0, .3, 2.5); z <- c(-.9, 0, .4, 1.7)
T("logit", p, transf.logit(p)); T("ilogit", z, transf.ilogit(z)); T("arcsin", p, transf.arcsin(p)); T("iarcsin", p, transf.iarcsin(p)); T("rtoz", p, transf.rtoz(p)); T("ztor", z, transf.ztor(z))
T("pft", p, transf.pft(p, rep(40, 4)), list(n = 40)); T("ipft", p, transf.ipft(p, rep(40, 4)), list(n = 40)); T("irft", p, transf.irft(p, rep(40, 4)), list(n = 40)); T("iirft", p, transf.iirft(p, rep(40, 4)), list(n = 40))
T("isqrt", p, transf.isqrt(p)); T("ahw", p, transf.ahw(p)); T("iahw", p, transf.iahw(p)); T("abt", p, transf.abt(p)); T("iabt", p, transf.iabt(p))
T("dtou1", d, transf.dtou1(d)); T("dtou2", d, transf.dtou2(d)); T("dtou3", d, transf.dtou3(d)); T("dtocles", d, transf.dtocles(d)); T("dtobesd", d, transf.dtobesd(d))
T("dtorpb", d, transf.dtorpb(d)); T("dtorpb", d, transf.dtorpb(d, n1i = rep(12, 4), n2i = rep(30, 4)), list(n1i = 12, n2i = 30)); T("dtomd", d, transf.dtomd(d, targs = list(sd = 3)), list(sd = 3))
T("logortord", z, transf.logortord(z, pc = rep(.2, 4)), list(pc = .2)); T("logortorr", z, transf.logortorr(z, pc = rep(.2, 4)), list(pc = .2))
wide <- list(tau2 = .3, lower = -15, upper = 15)
for (name in c("exp", "ilogit", "ztor")) T(paste0(name, ".int"), z, sapply(z, get(paste0("transf.", name, ".int")), targs = wide), list(tau2 = .3))
cat(toJSON(c(list(made_by = unbox("validation/conversions.R"), metafor = unbox(as.character(packageVersion("metafor"))), vi = v, cluster = cl, yi = as.numeric(es$yi)), out), digits = I(15), na = "null"))
