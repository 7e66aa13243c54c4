# The rooms of src/ and models/, lowest first, and what each may include. Both the build and the test of the include
# table read this list, so a room that links another may include it and no other may. Everybody may include base.
# LibTorch starts below the line: the program links the rooms above it alone.

set(SMLT_PLAIN_ROOMS base config codec http cards)
set(SMLT_SEES_base)
set(SMLT_SEES_config)
set(SMLT_SEES_codec)
set(SMLT_SEES_http)
set(SMLT_SEES_cards config codec)      # models/card.hpp, models/*/{card,files}.cpp: what is known of a model without LibTorch
# --------------------------------------------------------------------------------------------------------------------
set(SMLT_TORCH_ROOMS device tensor data artifact train models serve report)
set(SMLT_SEES_device config)
set(SMLT_SEES_tensor codec)
set(SMLT_SEES_data config codec tensor)
set(SMLT_SEES_artifact tensor)
set(SMLT_SEES_models cards config codec data tensor)   # models/model.hpp and models/NAME; and train's plain value types
set(SMLT_SEES_train models cards config data artifact tensor)  # models/model.hpp, never models/NAME
set(SMLT_SEES_serve http codec tensor artifact config)
set(SMLT_SEES_report artifact config)
