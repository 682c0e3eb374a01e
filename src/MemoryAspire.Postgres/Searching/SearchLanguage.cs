namespace MemoryAspire.Postgres.Searching;

/// <summary>The language of full text: a text search configuration of PostgreSQL.</summary>
public sealed record SearchLanguage(string Name)
{
    public const string Default = "english";
}
