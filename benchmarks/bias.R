# Reads estimates (first all yi, then all vi, on one line); times metafor's selection models.
suppressMessages(library(metafor))
x <- scan(file("stdin"), quiet = TRUE)
k <- length(x) / 2
fit <- rma(head(x, k), tail(x, k), method = "ML")
one <- function(type, ...) {
  start <- proc.time()
  s <- tryCatch(suppressWarnings(selmodel(fit, type = type, alternative = "less", ...)), error = function(e) NULL)
  sprintf('"%s": [%.9g, %s]', type, sum((proc.time() - start)[1:2]),
          if (is.null(s)) "null" else sprintf("%.15g", s$fit.stats["ll", "ML"]))
}
cat("{", paste(c(one("stepfun", steps = 0.025), sapply(c("beta", "halfnorm", "negexp", "logistic", "power"), one)),
               collapse = ", "), "}\n")
