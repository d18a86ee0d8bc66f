# Reads sets of estimates, one a line (first all yi, then all vi); times one REML + knha fit of each.
suppressMessages(library(metafor))
rounds <- as.integer(commandArgs(trailingOnly = TRUE)[1])
sets <- lapply(readLines(file("stdin")), function(line) {
  x <- scan(text = line, quiet = TRUE)
  list(yi = head(x, length(x) / 2), vi = tail(x, length(x) / 2))
})
fit <- function(s) tryCatch(rma(s$yi, s$vi, method = "REML", test = "knha")$tau2,
                            error = function(e) NA)
times <- sapply(seq_len(rounds), function(i) {
  start <- proc.time()
  for (s in sets) fit(s)
  sum((proc.time() - start)[1:2])
})
tau2 <- sapply(sets, fit)
text <- ifelse(is.na(tau2), "null", sprintf("%.15g", tau2))
cat(sprintf('{"seconds": %.9g, "tau2": [%s]}\n', min(times) / length(sets),
            paste(text, collapse = ", ")))
