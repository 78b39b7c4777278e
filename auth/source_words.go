package auth

import "gatehouse/auth/words"

// Kinds of sources of grants that have words.
const (
	SourceRole             = "role"
	SourceOrganizationRole = "organization-role"
	SourceMembership       = "membership"
	SourceKey              = "key"
	SourceOption           = "option"
)

// Words say what gives a permission: "role Admin".
func (s Source) Words() words.Text {
	switch s.Kind {
	case SourceRole:
		return words.F("role %s", RoleWords(s.Name))
	case SourceOrganizationRole:
		return words.F("role %s in the organization", RoleWords(s.Name))
	case SourceMembership:
		return "being a member"
	case SourceKey:
		return "permissions of the key"
	case SourceOption:
		return words.F("setting %s", s.Name)
	}
	return words.F("%s: %s", s.Kind, s.Name)
}
