"""The certificate service of groups: requests, approvals, revocation lists."""
