//! The moments between two durable steps, by name.

/// A process that dies here leaves what is on the disk now. Tests look at exactly that; elsewhere it is nothing.
#[inline]
pub(crate) fn between(moment: &'static str) {
    #[cfg(test)]
    crate::tests::crash::look(moment);
    #[cfg(not(test))]
    let _ = moment;
}
