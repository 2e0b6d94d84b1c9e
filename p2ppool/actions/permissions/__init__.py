"""Who may do what with a pool: what each role allows, and whether the requester of a run still may."""
