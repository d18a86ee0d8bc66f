# Runs the first column of the table in docs/from-metafor.md, and keeps the numbers.
# Usage: Rscript validation/from_metafor.R > validation/from_metafor.json   (metafor 3.8-1)
suppressMessages({library(metafor); library(jsonlite)})
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
# the table shows calls as people write them; for reference values the iterations go to the end
tight <- list(threshold = 1e-10, maxiter = 1000)
settled <- function(call) {
  if (grepl("scale =", call)) return(call)
  gsub("(rma\\(yi, vi[^()]*?data = dat(\\[[0-9:]+, \\])?)", "\\1, control = tight", call, perl = TRUE)
}
lines <- readLines("docs/from-metafor.md")
rows <- regmatches(lines, regexec("^\\| `(.+)` \\| `(.+)` \\|$", lines))
rows <- rows[lengths(rows) == 3]
out <- lapply(rows, function(r) {
  call <- r[2]
  e <- eval(parse(text = settled(call)))
  list(r = call, python = r[3], value = as.numeric(unlist(e)))
})
cat(toJSON(out, digits = NA, auto_unbox = FALSE), "\n")
