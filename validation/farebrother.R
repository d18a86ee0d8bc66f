# metafor takes the distribution of the generalised Q from the package CompQuadForm, which Debian
# hasn't. This stands in for it: Ruben's series (Farebrother RW 1984, Applied Statistics 33, 332-339).
farebrother <- function(q, lambda, ...) {
  lambda <- lambda[lambda > 0]; b <- min(lambda); m <- length(lambda)
  ratio <- 1 - b / lambda; g <- numeric(); a <- prod(sqrt(b / lambda)); i <- 0; power <- rep(1, m)
  while (1 - sum(a) > 1e-13 && i < 20000) {
    i <- i + 1; power <- power * ratio; g <- c(g, sum(power) / 2)
    a <- c(a, sum(g * rev(a)) / i)
  }
  list(Qq = 1 - sum(a * pchisq(q / b, m + 2 * seq(0, i))), ifault = 0)
}
local({
  folder <- file.path(tempdir(), "CompQuadForm"); lib <- file.path(tempdir(), "lib")
  dir.create(file.path(folder, "R"), recursive = TRUE); dir.create(lib)
  writeLines(c("Package: CompQuadForm", "Version: 1.0", "Title: Stand-in", "License: MIT"), file.path(folder, "DESCRIPTION"))
  writeLines("export(farebrother)", file.path(folder, "NAMESPACE"))
  dump("farebrother", file.path(folder, "R", "farebrother.R"))
  utils::install.packages(folder, lib, repos = NULL, type = "source", quiet = TRUE)
  .libPaths(c(lib, .libPaths()))
})
