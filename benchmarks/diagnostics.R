# Reads yi, vi and a moderator; times metafor's REML fit of a subset, and of a permutation.
suppressMessages(library(metafor))
x <- scan(file("stdin"), quiet = TRUE)
k <- length(x) / 3
yi <- x[1:k]; vi <- x[k + 1:k]; mod <- x[2 * k + 1:k]
each <- function(task, times) { start <- proc.time(); task; sum((proc.time() - start)[1:2]) / times }
set.seed(1)
plain <- rma(yi, vi, test = "knha")
gosh <- each(gosh(plain, subsets = 100, progbar = FALSE), 100)
moderated <- rma(yi, vi, mods = mod, test = "knha")
permutest <- each(permutest(moderated, iter = 50, progbar = FALSE), 50)
cat(sprintf('{"gosh": %.9g, "permutest": %.9g}\n', gosh, permutest))
