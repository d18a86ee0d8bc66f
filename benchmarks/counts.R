# Reads the cells ai, bi, ci, di; times one fit of each of metafor's models of counts.
suppressMessages(library(metafor))
x <- matrix(scan(file("stdin"), quiet = TRUE), ncol = 4)
one <- function(model) {
  start <- proc.time()
  tau2 <- tryCatch(suppressWarnings(
    rma.glmm(measure = "OR", ai = x[, 1], bi = x[, 2], ci = x[, 3], di = x[, 4], model = model)
  )$tau2, error = function(e) NA)
  seconds <- sum((proc.time() - start)[1:2])
  sprintf('"%s": [%.9g, %s]', model, seconds, if (is.na(tau2)) "null" else sprintf("%.12g", tau2))
}
cat("{", paste(sapply(c("UM.FS", "UM.RS", "CM.AL", "CM.EL"), one), collapse = ", "), "}\n")
