//! Tags of outreach.

use rusqlite::Transaction;

use crate::store::StoreError;

/// The outreach bears these tags and no others. One that does not exist bears none.
///
/// # Errors
/// If SQLite fails.
pub fn set_tags<'a>(
    tx: &Transaction<'_>,
    outreach: i64,
    tags: impl IntoIterator<Item = &'a str>,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM outreach_tag WHERE outreach = ?1")?.execute([outreach])?;
    for tag in tags {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO outreach_tag (outreach, tag)
             SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM outreach WHERE id = ?1)",
        )?
        .execute((outreach, tag))?;
    }
    Ok(())
}
