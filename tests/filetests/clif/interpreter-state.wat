;;! emit = "clif"
;;! function = "interpret"
;; An interpreter with the address of its next operation in memory, at offset 8 of the state: the operations take it
;; from a register and store it, but none loads it.
(module
  (memory (export "memory") 1)
  (func $interpret (export "interpret") (param $s i32) (result i32) (local $op i32) (local $pc i32) (local $acc i32)
    (i32.store offset=8 (local.get $s) (i32.const 1024))
    (local.set $op (i32.load8_u (i32.const 1024)))
    (loop $dispatch (result i32)
      (block $16
      (block $15
      (block $14
      (block $13
      (block $12
      (block $11
      (block $10
      (block $9
      (block $8
      (block $7
      (block $6
      (block $5
      (block $4
      (block $3
      (block $2
      (block $1
      (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12 $13 $14 $15 $16 $0 (local.get $op))
      ) (return (local.get $acc))
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 3))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.mul (local.get $acc) (i32.const 6))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.add (local.get $acc) (i32.const 9))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 12))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.mul (local.get $acc) (i32.const 15))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.add (local.get $acc) (i32.const 18))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 21))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.mul (local.get $acc) (i32.const 24))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.add (local.get $acc) (i32.const 27))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 30))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.mul (local.get $acc) (i32.const 33))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.add (local.get $acc) (i32.const 36))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 39))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.mul (local.get $acc) (i32.const 42))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.add (local.get $acc) (i32.const 45))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)
      ) (local.set $acc (i32.xor (local.get $acc) (i32.const 48))) (local.set $pc (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $pc) (i32.const 1)))
      (local.set $op (i32.load8_u offset=1 (local.get $pc))) (br $dispatch)))
  (func (export "_start") (drop (call $interpret (i32.const 256)))))

;; ;; interpret
;; function u0:0(i32) -> i32 system_v {
;;     region0 = 0 "heap"
;;
;; block0(v0: i32):
;;     v16 -> v0
;;     v2 = iconst.i32 0
;;     v3 = iconst.i32 1024
;;     v4 = uextend.i64 v0
;;     v5 = iconst.i64 0x1000_0000
;;     v6 = iadd v5, v4  ; v5 = 0x1000_0000
;;     store little region0 v3, v6+8  ; v3 = 1024
;;     v7 = iconst.i32 1024
;;     v8 = uextend.i64 v7  ; v7 = 1024
;;     v9 = iconst.i64 0x1000_0000
;;     v10 = iadd v9, v8  ; v9 = 0x1000_0000
;;     v11 = uload8.i32 little region0 v10
;;     jump block2(v11, v2, v3)  ; v2 = 0, v3 = 1024
;;
;; block2(v12: i32, v13: i32, v255: i32):
;;     v20 -> v255
;;     v35 -> v255
;;     v50 -> v255
;;     v65 -> v255
;;     v80 -> v255
;;     v95 -> v255
;;     v110 -> v255
;;     v125 -> v255
;;     v140 -> v255
;;     v155 -> v255
;;     v170 -> v255
;;     v185 -> v255
;;     v200 -> v255
;;     v215 -> v255
;;     v230 -> v255
;;     v245 -> v255
;;     br_table v12, block19, [block19, block18, block17, block16, block15, block14, block13, block12, block11, block10, block9, block8, block7, block6, block5, block4, block3]
;;
;; block19:
;;     return v13
;;
;; block18:
;;     v14 = iconst.i32 3
;;     v15 = bxor.i32 v13, v14  ; v14 = 3
;;     v17 = uextend.i64 v16
;;     v18 = iconst.i64 0x1000_0000
;;     v19 = iadd v18, v17  ; v18 = 0x1000_0000
;;     v21 = iconst.i32 1
;;     v22 = iadd.i32 v20, v21  ; v21 = 1
;;     v23 = uextend.i64 v16
;;     v24 = iconst.i64 0x1000_0000
;;     v25 = iadd v24, v23  ; v24 = 0x1000_0000
;;     store little region0 v22, v25+8
;;     v26 = uextend.i64 v20
;;     v27 = iconst.i64 0x1000_0000
;;     v28 = iadd v27, v26  ; v27 = 0x1000_0000
;;     v29 = uload8.i32 little region0 v28+1
;;     jump block2(v29, v15, v22)
;;
;; block17:
;;     v30 = iconst.i32 6
;;     v31 = imul.i32 v13, v30  ; v30 = 6
;;     v32 = uextend.i64 v16
;;     v33 = iconst.i64 0x1000_0000
;;     v34 = iadd v33, v32  ; v33 = 0x1000_0000
;;     v36 = iconst.i32 1
;;     v37 = iadd.i32 v35, v36  ; v36 = 1
;;     v38 = uextend.i64 v16
;;     v39 = iconst.i64 0x1000_0000
;;     v40 = iadd v39, v38  ; v39 = 0x1000_0000
;;     store little region0 v37, v40+8
;;     v41 = uextend.i64 v35
;;     v42 = iconst.i64 0x1000_0000
;;     v43 = iadd v42, v41  ; v42 = 0x1000_0000
;;     v44 = uload8.i32 little region0 v43+1
;;     jump block2(v44, v31, v37)
;;
;; block16:
;;     v45 = iconst.i32 9
;;     v46 = iadd.i32 v13, v45  ; v45 = 9
;;     v47 = uextend.i64 v16
;;     v48 = iconst.i64 0x1000_0000
;;     v49 = iadd v48, v47  ; v48 = 0x1000_0000
;;     v51 = iconst.i32 1
;;     v52 = iadd.i32 v50, v51  ; v51 = 1
;;     v53 = uextend.i64 v16
;;     v54 = iconst.i64 0x1000_0000
;;     v55 = iadd v54, v53  ; v54 = 0x1000_0000
;;     store little region0 v52, v55+8
;;     v56 = uextend.i64 v50
;;     v57 = iconst.i64 0x1000_0000
;;     v58 = iadd v57, v56  ; v57 = 0x1000_0000
;;     v59 = uload8.i32 little region0 v58+1
;;     jump block2(v59, v46, v52)
;;
;; block15:
;;     v60 = iconst.i32 12
;;     v61 = bxor.i32 v13, v60  ; v60 = 12
;;     v62 = uextend.i64 v16
;;     v63 = iconst.i64 0x1000_0000
;;     v64 = iadd v63, v62  ; v63 = 0x1000_0000
;;     v66 = iconst.i32 1
;;     v67 = iadd.i32 v65, v66  ; v66 = 1
;;     v68 = uextend.i64 v16
;;     v69 = iconst.i64 0x1000_0000
;;     v70 = iadd v69, v68  ; v69 = 0x1000_0000
;;     store little region0 v67, v70+8
;;     v71 = uextend.i64 v65
;;     v72 = iconst.i64 0x1000_0000
;;     v73 = iadd v72, v71  ; v72 = 0x1000_0000
;;     v74 = uload8.i32 little region0 v73+1
;;     jump block2(v74, v61, v67)
;;
;; block14:
;;     v75 = iconst.i32 15
;;     v76 = imul.i32 v13, v75  ; v75 = 15
;;     v77 = uextend.i64 v16
;;     v78 = iconst.i64 0x1000_0000
;;     v79 = iadd v78, v77  ; v78 = 0x1000_0000
;;     v81 = iconst.i32 1
;;     v82 = iadd.i32 v80, v81  ; v81 = 1
;;     v83 = uextend.i64 v16
;;     v84 = iconst.i64 0x1000_0000
;;     v85 = iadd v84, v83  ; v84 = 0x1000_0000
;;     store little region0 v82, v85+8
;;     v86 = uextend.i64 v80
;;     v87 = iconst.i64 0x1000_0000
;;     v88 = iadd v87, v86  ; v87 = 0x1000_0000
;;     v89 = uload8.i32 little region0 v88+1
;;     jump block2(v89, v76, v82)
;;
;; block13:
;;     v90 = iconst.i32 18
;;     v91 = iadd.i32 v13, v90  ; v90 = 18
;;     v92 = uextend.i64 v16
;;     v93 = iconst.i64 0x1000_0000
;;     v94 = iadd v93, v92  ; v93 = 0x1000_0000
;;     v96 = iconst.i32 1
;;     v97 = iadd.i32 v95, v96  ; v96 = 1
;;     v98 = uextend.i64 v16
;;     v99 = iconst.i64 0x1000_0000
;;     v100 = iadd v99, v98  ; v99 = 0x1000_0000
;;     store little region0 v97, v100+8
;;     v101 = uextend.i64 v95
;;     v102 = iconst.i64 0x1000_0000
;;     v103 = iadd v102, v101  ; v102 = 0x1000_0000
;;     v104 = uload8.i32 little region0 v103+1
;;     jump block2(v104, v91, v97)
;;
;; block12:
;;     v105 = iconst.i32 21
;;     v106 = bxor.i32 v13, v105  ; v105 = 21
;;     v107 = uextend.i64 v16
;;     v108 = iconst.i64 0x1000_0000
;;     v109 = iadd v108, v107  ; v108 = 0x1000_0000
;;     v111 = iconst.i32 1
;;     v112 = iadd.i32 v110, v111  ; v111 = 1
;;     v113 = uextend.i64 v16
;;     v114 = iconst.i64 0x1000_0000
;;     v115 = iadd v114, v113  ; v114 = 0x1000_0000
;;     store little region0 v112, v115+8
;;     v116 = uextend.i64 v110
;;     v117 = iconst.i64 0x1000_0000
;;     v118 = iadd v117, v116  ; v117 = 0x1000_0000
;;     v119 = uload8.i32 little region0 v118+1
;;     jump block2(v119, v106, v112)
;;
;; block11:
;;     v120 = iconst.i32 24
;;     v121 = imul.i32 v13, v120  ; v120 = 24
;;     v122 = uextend.i64 v16
;;     v123 = iconst.i64 0x1000_0000
;;     v124 = iadd v123, v122  ; v123 = 0x1000_0000
;;     v126 = iconst.i32 1
;;     v127 = iadd.i32 v125, v126  ; v126 = 1
;;     v128 = uextend.i64 v16
;;     v129 = iconst.i64 0x1000_0000
;;     v130 = iadd v129, v128  ; v129 = 0x1000_0000
;;     store little region0 v127, v130+8
;;     v131 = uextend.i64 v125
;;     v132 = iconst.i64 0x1000_0000
;;     v133 = iadd v132, v131  ; v132 = 0x1000_0000
;;     v134 = uload8.i32 little region0 v133+1
;;     jump block2(v134, v121, v127)
;;
;; block10:
;;     v135 = iconst.i32 27
;;     v136 = iadd.i32 v13, v135  ; v135 = 27
;;     v137 = uextend.i64 v16
;;     v138 = iconst.i64 0x1000_0000
;;     v139 = iadd v138, v137  ; v138 = 0x1000_0000
;;     v141 = iconst.i32 1
;;     v142 = iadd.i32 v140, v141  ; v141 = 1
;;     v143 = uextend.i64 v16
;;     v144 = iconst.i64 0x1000_0000
;;     v145 = iadd v144, v143  ; v144 = 0x1000_0000
;;     store little region0 v142, v145+8
;;     v146 = uextend.i64 v140
;;     v147 = iconst.i64 0x1000_0000
;;     v148 = iadd v147, v146  ; v147 = 0x1000_0000
;;     v149 = uload8.i32 little region0 v148+1
;;     jump block2(v149, v136, v142)
;;
;; block9:
;;     v150 = iconst.i32 30
;;     v151 = bxor.i32 v13, v150  ; v150 = 30
;;     v152 = uextend.i64 v16
;;     v153 = iconst.i64 0x1000_0000
;;     v154 = iadd v153, v152  ; v153 = 0x1000_0000
;;     v156 = iconst.i32 1
;;     v157 = iadd.i32 v155, v156  ; v156 = 1
;;     v158 = uextend.i64 v16
;;     v159 = iconst.i64 0x1000_0000
;;     v160 = iadd v159, v158  ; v159 = 0x1000_0000
;;     store little region0 v157, v160+8
;;     v161 = uextend.i64 v155
;;     v162 = iconst.i64 0x1000_0000
;;     v163 = iadd v162, v161  ; v162 = 0x1000_0000
;;     v164 = uload8.i32 little region0 v163+1
;;     jump block2(v164, v151, v157)
;;
;; block8:
;;     v165 = iconst.i32 33
;;     v166 = imul.i32 v13, v165  ; v165 = 33
;;     v167 = uextend.i64 v16
;;     v168 = iconst.i64 0x1000_0000
;;     v169 = iadd v168, v167  ; v168 = 0x1000_0000
;;     v171 = iconst.i32 1
;;     v172 = iadd.i32 v170, v171  ; v171 = 1
;;     v173 = uextend.i64 v16
;;     v174 = iconst.i64 0x1000_0000
;;     v175 = iadd v174, v173  ; v174 = 0x1000_0000
;;     store little region0 v172, v175+8
;;     v176 = uextend.i64 v170
;;     v177 = iconst.i64 0x1000_0000
;;     v178 = iadd v177, v176  ; v177 = 0x1000_0000
;;     v179 = uload8.i32 little region0 v178+1
;;     jump block2(v179, v166, v172)
;;
;; block7:
;;     v180 = iconst.i32 36
;;     v181 = iadd.i32 v13, v180  ; v180 = 36
;;     v182 = uextend.i64 v16
;;     v183 = iconst.i64 0x1000_0000
;;     v184 = iadd v183, v182  ; v183 = 0x1000_0000
;;     v186 = iconst.i32 1
;;     v187 = iadd.i32 v185, v186  ; v186 = 1
;;     v188 = uextend.i64 v16
;;     v189 = iconst.i64 0x1000_0000
;;     v190 = iadd v189, v188  ; v189 = 0x1000_0000
;;     store little region0 v187, v190+8
;;     v191 = uextend.i64 v185
;;     v192 = iconst.i64 0x1000_0000
;;     v193 = iadd v192, v191  ; v192 = 0x1000_0000
;;     v194 = uload8.i32 little region0 v193+1
;;     jump block2(v194, v181, v187)
;;
;; block6:
;;     v195 = iconst.i32 39
;;     v196 = bxor.i32 v13, v195  ; v195 = 39
;;     v197 = uextend.i64 v16
;;     v198 = iconst.i64 0x1000_0000
;;     v199 = iadd v198, v197  ; v198 = 0x1000_0000
;;     v201 = iconst.i32 1
;;     v202 = iadd.i32 v200, v201  ; v201 = 1
;;     v203 = uextend.i64 v16
;;     v204 = iconst.i64 0x1000_0000
;;     v205 = iadd v204, v203  ; v204 = 0x1000_0000
;;     store little region0 v202, v205+8
;;     v206 = uextend.i64 v200
;;     v207 = iconst.i64 0x1000_0000
;;     v208 = iadd v207, v206  ; v207 = 0x1000_0000
;;     v209 = uload8.i32 little region0 v208+1
;;     jump block2(v209, v196, v202)
;;
;; block5:
;;     v210 = iconst.i32 42
;;     v211 = imul.i32 v13, v210  ; v210 = 42
;;     v212 = uextend.i64 v16
;;     v213 = iconst.i64 0x1000_0000
;;     v214 = iadd v213, v212  ; v213 = 0x1000_0000
;;     v216 = iconst.i32 1
;;     v217 = iadd.i32 v215, v216  ; v216 = 1
;;     v218 = uextend.i64 v16
;;     v219 = iconst.i64 0x1000_0000
;;     v220 = iadd v219, v218  ; v219 = 0x1000_0000
;;     store little region0 v217, v220+8
;;     v221 = uextend.i64 v215
;;     v222 = iconst.i64 0x1000_0000
;;     v223 = iadd v222, v221  ; v222 = 0x1000_0000
;;     v224 = uload8.i32 little region0 v223+1
;;     jump block2(v224, v211, v217)
;;
;; block4:
;;     v225 = iconst.i32 45
;;     v226 = iadd.i32 v13, v225  ; v225 = 45
;;     v227 = uextend.i64 v16
;;     v228 = iconst.i64 0x1000_0000
;;     v229 = iadd v228, v227  ; v228 = 0x1000_0000
;;     v231 = iconst.i32 1
;;     v232 = iadd.i32 v230, v231  ; v231 = 1
;;     v233 = uextend.i64 v16
;;     v234 = iconst.i64 0x1000_0000
;;     v235 = iadd v234, v233  ; v234 = 0x1000_0000
;;     store little region0 v232, v235+8
;;     v236 = uextend.i64 v230
;;     v237 = iconst.i64 0x1000_0000
;;     v238 = iadd v237, v236  ; v237 = 0x1000_0000
;;     v239 = uload8.i32 little region0 v238+1
;;     jump block2(v239, v226, v232)
;;
;; block3:
;;     v240 = iconst.i32 48
;;     v241 = bxor.i32 v13, v240  ; v240 = 48
;;     v242 = uextend.i64 v16
;;     v243 = iconst.i64 0x1000_0000
;;     v244 = iadd v243, v242  ; v243 = 0x1000_0000
;;     v246 = iconst.i32 1
;;     v247 = iadd.i32 v245, v246  ; v246 = 1
;;     v248 = uextend.i64 v16
;;     v249 = iconst.i64 0x1000_0000
;;     v250 = iadd v249, v248  ; v249 = 0x1000_0000
;;     store little region0 v247, v250+8
;;     v251 = uextend.i64 v245
;;     v252 = iconst.i64 0x1000_0000
;;     v253 = iadd v252, v251  ; v252 = 0x1000_0000
;;     v254 = uload8.i32 little region0 v253+1
;;     jump block2(v254, v241, v247)
;; }
