// The runtime keeps containers' states in a namespace of that name; the specification's own state object is OciState here.
global using OciState = Sampan.Oci.State;
