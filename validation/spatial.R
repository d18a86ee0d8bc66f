# Reference values of spatial structures in multilevel models: metafor 3.8.
# Run: Rscript validation/spatial.R > validation/spatial.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
set.seed(41)
n <- 14; size <- sample(1:3, n, TRUE); site <- rep(seq_len(n), size); k <- length(site)
at <- round(sort(runif(n, 0, 10)), 2); lon <- round(runif(n, -9, 30), 3); lat <- round(runif(n, 36, 65), 3)
far <- as.matrix(dist(at)); field <- drop(t(chol(0.2 * exp(-far / 3))) %*% rnorm(n))
made <- data.frame(id = seq_len(k), site = paste0("s", site), one = 1, at = at[site], lon = lon[site],
                   lat = lat[site], vi = round(runif(k, 0.02, 0.1), 4))
made$yi <- round(0.4 + field[site] + rnorm(k, 0, sqrt(made$vi)), 4)
D <- round(far, 2); dimnames(D) <- list(paste0("s", seq_len(n)), paste0("s", seq_len(n)))

fish <- dat.maire2019$dat
fish <- data.frame(site = fish$site_station, river = fish$site, yi = fish$s1, vi = fish$vars1, one = 1)
river <- dat.maire2019$dmat

one <- function(data, inner, struct, dist = "euclidean", rho = NULL, tau2 = NULL, id = TRUE, method = "REML") {
  d <- if (data == "made") made else fish
  random <- list(as.formula(paste("~", inner, "| one")))
  if (id) random <- c(random, if (data == "made") ~ 1 | id else ~ 1 | river/site)
  a <- list(yi = d$yi, V = d$vi, random = random, struct = struct, data = d, method = method)
  a$dist <- if (dist == "matrix") list(if (data == "made") D else river) else list(dist)
  a$rho <- rho; a$tau2 <- tau2
  # the search is local, and the likelihood of some structures has several maxima: several starts
  # where a correlation has a kink the likelihood has one, too, and nlminb may stop with an error
  fitted <- function(more) {
    for (how in list(list(rel.tol = 1e-12), list(optimizer = "optim", optmethod = "Nelder-Mead", reltol = 1e-14, maxit = 5000))) {
      b <- a; b$control <- c(how, more)
      found <- try(suppressWarnings(do.call(rma.mv, b)), silent = TRUE)
      if (!inherits(found, "try-error")) break
    }
    found
  }
  # the search is local, and the likelihood of some structures has several maxima: several starts
  widest <- if (dist == "matrix") max(a$dist[[1]]) else max(stats::dist(d[strsplit(inner, " \\+ ")[[1]]]))
  fits <- if (!is.null(rho)) list(fitted(NULL)) else
    lapply(c(0.001, 0.004, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8) * widest, function(r) fitted(list(rho.init = r)))
  good <- Filter(function(f) !inherits(f, "try-error"), fits)
  if (!length(good)) stop(inner, " ", struct, " ", dist, ": ", fits[[1]])
  x <- good[[which.max(sapply(good, logLik))]]
  list(data = data, inner = inner, struct = struct, dist = dist, given = c(rho, tau2), id = id, method = method,
       ll = c(logLik(x)), beta = c(x$beta), se = x$se, sigma2 = x$sigma2, tau2 = x$tau2, rho = x$rho)
}
cases <- list(
  one("made", "at", "SPLIN"), one("made", "at", "SPLIN", method = "ML", id = FALSE),
  one("made", "at", "SPEXP"), one("made", "site", "SPLIN", "matrix"), one("made", "site", "SPEXP", "matrix"),
  one("made", "lon + lat", "SPEXP", "manhattan"),
  one("made", "lon + lat", "SPSPH", "maximum"),
  one("made", "lon + lat", "SPGAU", "manhattan", rho = 9, tau2 = 0.2),
  one("made", "lon + lat", "SPLIN", rho = 4, tau2 = 0.1),
  one("fish", "site", "SPEXP", "matrix", id = FALSE), one("fish", "site", "SPGAU", "matrix", id = FALSE),
  one("fish", "site", "SPGAU", "matrix"), one("fish", "site", "SPRAT", "matrix", id = FALSE))
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), made = as.list(made), D = list(levels = rownames(D), D = unname(D)),
                fish = as.list(fish), river = list(levels = rownames(river), D = unname(as.matrix(river))), cases = cases),
           digits = NA, auto_unbox = TRUE, na = "null"))
