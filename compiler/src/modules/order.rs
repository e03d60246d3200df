//! The order in which linked modules are instantiated: each after those that it depends on, otherwise as they were given.

/// Sorts `0..count` so that each comes after those that `needs` names for it.
///
/// # Errors
/// A cycle: each needs the next one, and the last one the first.
pub fn sort(count: usize, needs: impl Fn(usize) -> Vec<usize>) -> Result<Vec<usize>, Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; count];
    let mut order = Vec::with_capacity(count);
    for start in 0..count {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::Open;
        // Those whose needs are being looked at, with what is left of these.
        let mut path = vec![(start, needs(start).into_iter())];
        while let Some((member, left)) = path.last_mut() {
            let member = *member;
            match left.next() {
                None => {
                    states[member] = State::Done;
                    order.push(member);
                    path.pop();
                }
                Some(next) => match states[next] {
                    State::Done => {}
                    State::New => {
                        states[next] = State::Open;
                        path.push((next, needs(next).into_iter()));
                    }
                    State::Open => {
                        let cycle = path.iter().map(|(member, _)| *member);
                        return Err(cycle.skip_while(|member| *member != next).collect());
                    }
                },
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(needs: &[&[usize]]) -> Result<Vec<usize>, Vec<usize>> {
        sort(needs.len(), |member| needs[member].to_vec())
    }

    #[test]
    fn dependencies_come_first() {
        assert_eq!(sorted(&[&[], &[], &[]]), Ok(vec![0, 1, 2]));
        assert_eq!(sorted(&[&[2, 1], &[2], &[]]), Ok(vec![2, 1, 0]));
        assert_eq!(sorted(&[&[1, 2], &[3], &[3], &[]]), Ok(vec![3, 1, 2, 0]));
    }

    #[test]
    fn cycles_are_found() {
        assert_eq!(sorted(&[&[1], &[2], &[3], &[1]]), Err(vec![1, 2, 3]));
        assert_eq!(sorted(&[&[0]]), Err(vec![0]));
    }

    #[test]
    fn long_chains_take_no_stack() {
        let count = 100_000;
        let order = sort(count, |member| if member + 1 < count { vec![member + 1] } else { Vec::new() });
        assert_eq!(order.unwrap()[0], count - 1);
    }
}
