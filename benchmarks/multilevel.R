# Reads estimates of 5 per study (first all yi, then all vi, on one line); times one three-level fit
# by metafor's sparse matrices.
suppressMessages(library(metafor))
x <- scan(file("stdin"), quiet = TRUE)
k <- length(x) / 2
d <- data.frame(yi = head(x, k), vi = tail(x, k), study = rep(seq_len(k / 5), each = 5), id = seq_len(k))
start <- proc.time()
fit <- rma.mv(yi, vi, random = ~ 1 | study/id, data = d, sparse = TRUE)
cat(sprintf('{"seconds": %.9g, "ll": %.15g, "sigma2": [%.15g, %.15g]}\n', sum((proc.time() - start)[1:2]),
            fit$fit.stats["ll", "REML"], fit$sigma2[1], fit$sigma2[2]))
