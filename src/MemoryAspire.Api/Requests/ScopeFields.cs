using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Requests;

/// <summary>Scope and kind in a body.</summary>
internal static class ScopeFields
{
    public const int LengthMax = 256;

    public const string KindError = "must be episodic, semantic or procedural.";

    public static Scope Scope(this RequestFields fields)
    {
        var parts = fields.Object("scope");
        var scope = new Scope(parts.Text("user", LengthMax), parts.Text("agent", LengthMax), parts.Text("session", LengthMax));
        fields.Adopt(parts);
        return scope;
    }

    public static MemoryKind? Kind(this RequestFields fields)
    {
        if (fields.Text("kind", LengthMax) is not { } text) return null;
        if (MemoryKinds.TryParse(text, out var kind)) return kind;
        fields.Fail("kind", KindError);
        return null;
    }
}
