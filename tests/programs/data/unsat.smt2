; x & -x isolates the lowest set bit, so subtracting one from it gives a mask: no counterexample.
(set-logic QF_BV)
(declare-const x (_ BitVec 20))
(assert (distinct x (_ bv0 20)))
(assert (distinct (bvsub (bvand x (bvneg x)) (_ bv1 20)) (bvand (bvnot x) (bvsub x (_ bv1 20)))))
(check-sat)
(exit)
