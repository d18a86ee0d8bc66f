# The measures that metafor 3.8 documents and accepts, and its functions.
# Run: Rscript validation/metafor_names.R > validation/metafor_names.json
suppressMessages({library(metafor); library(jsonlite)})
page <- capture.output(tools::Rd2txt(utils:::.getHelpFile(help("escalc", package = "metafor")), options = list(underline_titles = FALSE)))
named <- unlist(regmatches(page, gregexpr("\"[A-Z][A-Z0-9]+\"", page)))
named <- sort(unique(gsub("\"", "", named)))
# escalc tells of a measure that it does not know before it looks at any data
accepted <- Filter(function(m) {
  e <- tryCatch({ escalc(measure = m); "" }, error = conditionMessage)
  !grepl("Unknown 'measure'", e)
}, named)
all <- ls("package:metafor")
functions <- all[!sapply(all, function(f) isS3method(f, envir = asNamespace("metafor"))) & !grepl("^(transf|\\[|\\$)", all)]
transformations <- sub("transf.", "", all[grepl("^transf\\.", all)], fixed = TRUE)
cat(toJSON(list(metafor = as.character(packageVersion("metafor")), measures = accepted, functions = functions,
                transformations = transformations), pretty = TRUE, auto_unbox = TRUE))
