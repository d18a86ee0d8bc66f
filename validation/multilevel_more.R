# Multilevel fits of data sets of metadat that no other script here uses: metafor 3.8-1 and clubSandwich 0.5.8.
# Run: Rscript validation/multilevel_more.R, which writes validation/multilevel_more.json.
suppressMessages({library(metafor);library(metadat);library(jsonlite);library(clubSandwich)}); options(warn=-1)
g<-function(n){data(list=n,package="metadat",envir=environment()); get(n)}
N<-function(x) if(is.null(x)||length(x)==0) NA_real_ else as.numeric(x); J<-function(x) I(N(x)); out<-list()
put<-function(nm,d,spec,r,ro=NULL) out[[length(out)+1]]<<-c(list(nm=nm,d=d,spec=spec,b=J(r$beta),se=J(r$se),s2=J(r$sigma2),t2=J(r$tau2),rho=J(r$rho),ll=N(logLik(r)),QE=N(r$QE),QM=N(r$QM)),ro)
w<-g("dat.white2020"); w<-escalc(measure="ZCOR",ri=r,ni=n,data=w); w<-w[is.finite(w$yi),]; dw<-list(yi=w$yi,vi=w$vi,s=w$study_id,o=w$obs,sp=as.character(w$species),c=as.character(w$class))
r<-rma.mv(yi,vi,random=list(~1|study_id,~1|obs,~1|species),data=w); put("white crossed",dw,list(random=c("~ 1 | s","~ 1 | o","~ 1 | sp")),r)
r<-rma.mv(yi,vi,random=~1|study_id/obs,data=w); rb<-robust(r,cluster=w$study_id); cs<-coef_test(r,vcov="CR2",cluster=w$study_id)
put("white nested",dw,list(random=I("~ 1 | s/o")),r,list(cr=J(rb$se),cr2=J(cs$SE),crdf=J(cs$df_Satt)))
k<-g("dat.knapp2017"); k$esid<-seq_len(nrow(k)); k<-k[is.finite(k$yi)&is.finite(k$vi),]; dk<-list(yi=k$yi,vi=k$vi,s=k$study,e=k$esid,task=as.character(k$task),x=as.numeric(k$difficulty))
r<-rma.mv(yi,vi,random=~1|study/esid,data=k); put("knapp",dk,list(random=I("~ 1 | s/e")),r)
r<-rma.mv(yi,vi,mods=~task,random=~1|study/esid,data=k,method="ML"); put("knapp task ML",dk,list(random=I("~ 1 | s/e"),mods="~ task",method="ML"),r)
V<-vcalc(vi,cluster=study,obs=esid,rho=0.4,data=k); r<-rma.mv(yi,V,random=~1|study/esid,data=k); put("knapp V",dk,list(random=I("~ 1 | s/e"),rho=.4),r)
rl<-g("dat.riley2003"); dr<-list(yi=rl$yi,vi=rl$vi,s=rl$study,o=as.character(rl$outcome)); 
for(st in c("UN","CS","HCS","DIAG")) {r<-rma.mv(yi,vi,mods=~factor(outcome)-1,random=~outcome|study,struct=st,data=rl); put(paste("riley",st),dr,list(random=I("~ o | s"),struct=st,mods="~ o - 1"),r)}
mm<-g("dat.maire2019"); e<-mm$dat; A<-exp(-mm$dmat/300); A<-as.matrix(A); nm<-e$site_station; dimnames(A)<-list(nm,nm)
r<-try(rma.mv(s1,vars1,random=list(~1|site,~1|site_station),R=list(site_station=A),data=e),silent=TRUE); if(!inherits(r,"try-error")) put("maire R",list(yi=e$s1,vi=e$vars1,site=e$site,ss=nm),list(random=c("~ 1 | site","~ 1 | ss"),R=list(levels=nm,A=A)),r) else cat(r)
writeLines(toJSON(out,digits=I(17),na="null",auto_unbox=TRUE,null="null"),"validation/multilevel_more.json"); cat(length(out),"\n")
