use super::*;

#[test]
fn uids_are_joined_to_ranges_in_lines_of_bounded_length() {
    let sets = |uids: &[u32]| uid_sets(&uids.iter().copied().collect());
    assert_eq!(sets(&[]), []);
    assert_eq!(sets(&[5, 1, 2, 3, 9, u32::MAX]), [("1:3,5,9,4294967295".to_owned(), 6)]);
    let scattered: Vec<u32> = (0..5000).map(|n| 1_000_000 + 2 * n).collect();
    let cut = sets(&scattered);
    assert!(cut.len() > 1 && cut.iter().all(|(set, _)| set.len() <= MAX_SET));
    assert_eq!(cut.iter().map(|(_, count)| count).sum::<u64>(), 5000);
}
