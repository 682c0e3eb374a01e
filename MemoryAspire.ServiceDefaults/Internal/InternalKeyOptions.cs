namespace MemoryAspire.ServiceDefaults.Internal;

/// <summary>The secret by which the parts of one stack know each other: section <c>Internal</c>.</summary>
public sealed class InternalKeyOptions
{
    public const string Section = "Internal";
    public const string KeySetting = $"{Section}:{nameof(Key)}";
    public const int KeyLengthMin = 16;

    public string Key { get; set; } = "";
}
