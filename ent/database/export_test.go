package database

// FindBeginningsOnly makes the search work as where pg_trgm is refused.
func (s *Search) FindBeginningsOnly() { s.engine = words{dialect: s.db.Dialect} }
